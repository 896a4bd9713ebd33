import {
  counter,
  err,
  ok,
  refusal,
  type Counter,
  type PayeeId,
  type Result,
} from "@bezant/protocol";
import type { Core } from "../core/core.ts";
import { needTa, type Equipped } from "../core/identity.ts";
import { begin, end, unfinished } from "../core/journal.ts";
import { isUnsettled } from "../core/stop.ts";
import { pending, walletRefusal, type WalletRefusal } from "../refusals.ts";
import { endOf } from "./request-payment.ts";
import { endRequest, findRequest, requestKey, type RequestRecord } from "./records.ts";

export type Cancelled = {
  readonly ended: "void" | "cancelled";
  /** A TA's word that nobody can be paid by this request any more; a payer who has paid it is refunded on it. */
  readonly outcome?: Uint8Array;
};

/**
 * Ends an open request without a payment. A TA's word is final. A wallet's is not: a payment that was on its way is kept when it
 * comes, to be claimed or declined.
 */
export async function cancel(
  core: Core,
  request: { readonly payee: PayeeId; readonly r: Counter },
): Promise<Result<Cancelled, WalletRefusal>> {
  return core.exclusive("receive", async () => {
    const record = await findRequest(core.records, request);
    if (record === undefined) return err(refusal("unknown-request"));
    if (record.ended === "collected" || record.ended === "paid") {
      return err(refusal("request-collected"));
    }
    if (record.ended !== undefined) return ok(toCancelled(record));
    if (record.payeeClass === "wallet") {
      await core.records.commit(...endRequest(record, "cancelled"));
      return ok({ ended: "cancelled" });
    }
    const equipped = await needTa(core);
    if (!equipped.ok) return equipped;
    await core.records.commit(begin("cancel", requestKey(record), core.now()));
    return cancelAtTa(core, equipped.value, record);
  });
}

export async function resumeCancels(core: Core): Promise<Result<void, WalletRefusal>> {
  return core.exclusive("receive", async () => {
    const subjects = await unfinished(core, "cancel");
    if (subjects.length === 0) return ok(undefined);
    const equipped = await needTa(core);
    if (!equipped.ok) return err(pending(equipped.error));
    for (const subject of subjects) {
      const [payee, r] = subject.split("/") as [PayeeId, string];
      const record = await findRequest(core.records, { payee, r: counter(Number(r)) });
      if (record === undefined || record.ended !== undefined) {
        await core.records.commit(end("cancel", subject));
        continue;
      }
      const cancelled = await cancelAtTa(core, equipped.value, record);
      if (!cancelled.ok && cancelled.error.pending === true) return cancelled;
    }
    return ok(undefined);
  });
}

async function cancelAtTa(
  core: Core,
  { device, ta }: Equipped,
  record: RequestRecord,
): Promise<Result<Cancelled, WalletRefusal>> {
  const { r } = record;
  // The device's own request of this number is another one.
  if (record.payee !== ta) {
    await core.records.commit(end("cancel", requestKey(record)));
    return err(walletRefusal("other-device"));
  }
  let outcome = await device.cancelRequest({ r });
  // It ended before: by this very command, interrupted, or by a payment.
  if (!outcome.ok && !isUnsettled(outcome.error))
    outcome = await device.resend({ kind: "outcome", n: r });
  if (!outcome.ok) {
    if (isUnsettled(outcome.error)) return err(pending(outcome.error));
    await core.records.commit(end("cancel", requestKey(record)));
    return outcome;
  }
  const ended = endOf(outcome.value);
  await core.records.commit(
    ...endRequest(record, ended, outcome.value),
    end("cancel", requestKey(record)),
  );
  return ended === "collected"
    ? err(refusal("request-collected"))
    : ok({ ended, outcome: outcome.value });
}

function toCancelled({ ended, outcome }: RequestRecord): Cancelled {
  const state = ended === "void" ? "void" : "cancelled";
  return outcome === undefined ? { ended: state } : { ended: state, outcome };
}
