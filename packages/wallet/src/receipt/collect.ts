import {
  err,
  ok,
  refusal,
  type Counter,
  type Payment,
  type Result,
  type TaId,
} from "@bezant/protocol";
import type { Core } from "../core/core.ts";
import { attachedCertificate, withSignersChain } from "../core/envelope.ts";
import { needTa, type Equipped } from "../core/identity.ts";
import { begin, end, unfinished } from "../core/journal.ts";
import { isUnsettled } from "../core/stop.ts";
import type { Device } from "../device/device.ts";
import { pending, type WalletRefusal } from "../refusals.ts";
import { endOf } from "../request/request-payment.ts";
import { endRequest, findRequest, type RequestRecord } from "../request/records.ts";
import { statusFor } from "../status/counterparty.ts";
import { put, remove } from "../store/records.ts";
import { upload } from "../sync/uploads.ts";
import type { Received, ReceiveRefusal } from "./receive.ts";
import {
  INCOMING,
  incomingKey,
  isSamePayment,
  parseIncomingKey,
  type IncomingRecord,
} from "./records.ts";
import { verifyReceived } from "./verify.ts";

/** A payment, and whom its certificate names as its sender; nothing is verified. */
export type Claimed = {
  readonly message: Uint8Array;
  readonly payment: Payment;
  readonly sender: TaId;
};

/**
 * Figure 7 `Collect`: the TA verifies P and takes the money, after the wallet has verified it by its clock. Whoever calls has the
 * turn `receive`.
 */
export async function collect(
  core: Core,
  equipped: Equipped,
  { message, payment, sender }: Claimed,
): Promise<Result<Received, ReceiveRefusal>> {
  const finished = await finishCollect(core, equipped);
  if (!finished.ok) return finished;
  const { receiver, receiverClass, r, j, amount } = payment;
  const key = incomingKey(sender, j, r);
  const known = await core.records.get(INCOMING, key);
  if (known !== undefined) {
    if (isSamePayment(known.payment, message)) return ok(toCollected(key, known, true));
  }
  const bytes = withSignersChain(core, equipped, message);
  const refused = await refuse(core, equipped, bytes, r);
  if (refused !== undefined) return err(refused);
  if (known !== undefined) {
    // Another one with these numbers is for the TA to refuse, and never stored in the place of the first.
    const collected = await equipped.device.collect({ payment: bytes });
    return err(collected.ok ? refusal("payment-fork") : collected.error);
  }
  const at = core.now();
  const common = { payment: bytes, receiver, receiverClass, r, amount, at } as const;
  const record: IncomingRecord = { ...common, state: "collecting" };
  await core.records.commit(put(INCOMING, key, record), begin("receive", key, at));
  return collectStored(core, equipped, key, record);
}

/** What the wallet has against a payment. For a request that has ended the TA takes nothing, it only says how it ended. */
async function refuse(
  core: Core,
  { device }: Equipped,
  message: Uint8Array,
  r: Counter,
): Promise<WalletRefusal | undefined> {
  const verified = await verifyReceived(core, message);
  if (verified.ok) return undefined;
  if (verified.error.code !== "payer-expired") return verified.error;
  const info = await device.getInfo();
  if (!info.ok) return info.error;
  return info.value.open.includes(r) ? verified.error : undefined;
}

export async function resumeCollect(core: Core): Promise<Result<void, WalletRefusal>> {
  return core.exclusive("receive", async () => {
    if ((await unfinished(core, "receive")).length === 0) return ok(undefined);
    const equipped = await needTa(core);
    return equipped.ok ? finishCollect(core, equipped.value) : err(pending(equipped.error));
  });
}

/** The TA answers a payment that it has collected with the same outcome, so what was interrupted is done again. */
async function finishCollect(core: Core, equipped: Equipped): Promise<Result<void, WalletRefusal>> {
  for (const key of await unfinished(core, "receive")) {
    const record = await core.records.get(INCOMING, key);
    if (record === undefined) throw new Error(`no payment ${key}`);
    const collected = await collectStored(core, equipped, key, record);
    if (!collected.ok && collected.error.pending === true) return collected;
  }
  return ok(undefined);
}

async function collectStored(
  core: Core,
  { device }: Equipped,
  key: string,
  record: IncomingRecord,
): Promise<Result<Received, ReceiveRefusal>> {
  const { payment, receiver: payee, r } = record;
  const request = await findRequest(core.records, { payee, r });
  const status = await statusFor(core, attachedCertificate(payment));
  const collected = await device.collect({ payment, ...status });
  if (!collected.ok) {
    if (isUnsettled(collected.error)) return err(pending(collected.error));
    const outcome = await endOtherwise(device, request, r, collected.error.code);
    if (outcome !== undefined && request?.ended === undefined && request !== undefined) {
      await core.records.commit(...endRequest(request, endOf(outcome), outcome));
    }
    await core.records.commit(remove(INCOMING, key), end("receive", key));
    return err({ ...collected.error, ...(outcome === undefined ? {} : { outcome }) });
  }
  const receipt = collected.value;
  const done: IncomingRecord = { ...record, state: "collected", receipt };
  await core.records.commit(
    put(INCOMING, key, done),
    ...(request === undefined ? [] : endRequest(request, "collected", receipt)),
    upload(receipt),
    end("receive", key),
  );
  return ok(toCollected(key, done, false));
}

/** How the request ended instead: the payer of a payment that came too late is refunded on it. */
async function endOtherwise(
  device: Device,
  request: RequestRecord | undefined,
  r: Counter,
  code: string,
): Promise<Uint8Array | undefined> {
  if (!ENDED_OTHERWISE.has(code)) return undefined;
  if (request?.outcome !== undefined) return request.outcome;
  const outcome = await device.resend({ kind: "outcome", n: r });
  return outcome.ok ? outcome.value : undefined;
}

const ENDED_OTHERWISE: ReadonlySet<string> = new Set([
  "request-void",
  "request-collected",
  "unknown-request",
]);

export function toCollected(
  key: string,
  { r, amount, receipt }: IncomingRecord,
  isRepeat: boolean,
): Received {
  if (receipt === undefined) throw new Error(`payment ${key} has no receipt`);
  return { ...parseIncomingKey(key), r, amount, isRepeat, state: "collected", outcome: receipt };
}
