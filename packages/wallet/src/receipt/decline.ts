import { declineOrder, err, ok, type Result } from "@bezant/protocol";
import type { Core } from "../core/core.ts";
import { needProvider, orderContext, type Online } from "../core/identity.ts";
import { begin, end, unfinished } from "../core/journal.ts";
import { stop } from "../core/stop.ts";
import { pending, walletRefusal, type WalletRefusal } from "../refusals.ts";
import { put, remove } from "../store/records.ts";
import { findIncoming, providersOutcome, type PaymentId } from "./claim.ts";
import { CLAIMABLE, INCOMING, parseIncomingKey, type IncomingRecord } from "./records.ts";

export type Declined = {
  /** `claimed`: it was too late, the money is the wallet's. */
  readonly state: "never-settled" | "claimed";
  /** The provider's signed outcome, with which the payer gets the money back. */
  readonly outcome: Uint8Array;
};

/** Sends a payment to this wallet back: its provider will never credit it, and says so to the payer. */
export async function decline(core: Core, id: PaymentId): Promise<Result<Declined, WalletRefusal>> {
  return core.exclusive("claim", async () => {
    const found = await findIncoming(core, id);
    if (found === undefined) return err(walletRefusal("unknown-receipt"));
    const { key, value: record } = found;
    const ended = toDeclined(record);
    if (ended !== undefined) return ok(ended);
    const online = await needProvider(core);
    if (!online.ok) return online;
    await core.records.commit(begin("decline", key, core.now()));
    return declineOne(core, online.value, key, record);
  });
}

export async function resumeDeclines(core: Core): Promise<Result<void, WalletRefusal>> {
  return core.exclusive("claim", async () => {
    const keys = await unfinished(core, "decline");
    if (keys.length === 0) return ok(undefined);
    const online = await needProvider(core);
    if (!online.ok) return err(pending(online.error));
    for (const key of keys) {
      const record = await core.records.get(INCOMING, key);
      if (record === undefined) throw new Error(`no payment ${key}`);
      const declined = await declineOne(core, online.value, key, record);
      if (!declined.ok && declined.error.pending === true) return declined;
    }
    return ok(undefined);
  });
}

async function declineOne(
  core: Core,
  online: Online,
  key: string,
  record: IncomingRecord,
): Promise<Result<Declined, WalletRefusal>> {
  const { sender, j } = parseIncomingKey(key);
  const { amount } = record;
  const context = orderContext(core, online);
  const order = await declineOrder.signAsync({ sender, j, amount }, context, core.signer);
  const answer = await online.client.decline(order);
  if (!answer.ok) return stop(core, answer.error, end("decline", key));
  const ended = await providersOutcome(core, online, sender, record, answer.value);
  if (!ended.ok) return err(pending(ended.error));
  const next: IncomingRecord = { ...record, ...ended.value };
  await core.records.commit(put(INCOMING, key, next), remove(CLAIMABLE, key), end("decline", key));
  const declined = toDeclined(next);
  if (declined === undefined) throw new Error(`payment ${key} did not end`);
  return ok(declined);
}

function toDeclined({ state, outcome }: IncomingRecord): Declined | undefined {
  const isEnded = state === "never-settled" || state === "claimed";
  return isEnded && outcome !== undefined ? { state, outcome } : undefined;
}
