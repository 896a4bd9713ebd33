import {
  bytes,
  err,
  field,
  map,
  MAX_MESSAGE,
  named,
  ok,
  onlinePaymentOrder,
  optional,
  text,
  toHex,
  type Amount,
  type Infer,
  type ProviderId,
  type Result,
  type WalletId,
} from "@bezant/protocol";
import type { Core } from "../core/core.ts";
import { needProvider, orderContext, type Online } from "../core/identity.ts";
import { begin, end, unfinished } from "../core/journal.ts";
import { stop } from "../core/stop.ts";
import type { Receipt } from "../provider-client/provider.ts";
import { pending, type WalletRefusal } from "../refusals.ts";
import { kind, put, remove } from "../store/records.ts";

const REASON = /^[a-z-]{1,64}$/;

const payment = map({
  amount: [1, field.amount],
  receiver: [2, field.walletId],
  at: [3, field.seconds],
  order: [4, bytes(0, MAX_MESSAGE)],
  /** What the provider last said; absent: nothing yet. */
  state: [5, optional(named({ pending: 0, settled: 1, returned: 2 }))],
  /** The receiver's provider, where it is another one. */
  provider: [6, optional(field.institutionId)],
  /** Why it came back. */
  reason: [7, optional(text(64, REASON))],
});

/** Payments between online balances, by their order ids. */
export const ONLINE_PAYMENT = kind("online-payment", payment);
export type OnlinePaymentRecord = Infer<typeof payment>;

export type PaidOnline = {
  /** The order's id, lowercase hex. */
  readonly orderId: string;
  readonly amount: Amount;
  readonly receiver: WalletId;
  readonly provider?: ProviderId;
  /** `pending`: on its way between two providers; `resume` asks again. `returned`: the money is back. */
  readonly state: "pending" | "settled" | "returned";
  /** Why it came back: the code of a refusal. */
  readonly reason?: string;
};

export type OnlinePaymentTerms = {
  readonly amount: Amount;
  readonly receiver: WalletId;
  /** The receiver's provider; by default this wallet's own. */
  readonly provider?: ProviderId | undefined;
};

/** Section 2.1 of the paper: pays a client of any provider out of the online balance, once. */
export async function payOnline(
  core: Core,
  { amount, receiver, provider }: OnlinePaymentTerms,
): Promise<Result<PaidOnline, WalletRefusal>> {
  return core.exclusive("pay-online", async () => {
    const online = await needProvider(core);
    if (!online.ok) return online;
    const orderId = core.random(16);
    const abroad = provider === undefined || provider === online.value.provider ? {} : { provider };
    const terms = { amount, receiver, orderId, ...abroad };
    const context = orderContext(core, online.value);
    const order = await onlinePaymentOrder.signAsync(terms, context, core.signer);
    const key = toHex(orderId);
    const record: OnlinePaymentRecord = { amount, receiver, at: core.now(), order, ...abroad };
    await core.records.commit(
      put(ONLINE_PAYMENT, key, record),
      begin("pay-online", key, record.at),
    );
    return submit(core, online.value, key, record);
  });
}

export async function resumeOnlinePayments(core: Core): Promise<Result<void, WalletRefusal>> {
  return core.exclusive("pay-online", async () => {
    const keys = await unfinished(core, "pay-online");
    if (keys.length === 0) return ok(undefined);
    const online = await needProvider(core);
    if (!online.ok) return err(pending(online.error));
    for (const key of keys) {
      const record = await core.records.get(ONLINE_PAYMENT, key);
      if (record === undefined) throw new Error(`no online payment ${key}`);
      const paid = await submit(core, online.value, key, record);
      if (!paid.ok && paid.error.pending === true) return paid;
    }
    return ok(undefined);
  });
}

/** Seconds for which a payment that has reached another provider may still come back unseen. */
const WATCHED = 7 * 24 * 60 * 60;

/**
 * Asks again about payments that have reached another provider: one that finds no such client gives them back. What cannot
 * be asked now is asked the next time.
 */
export async function watchOnlinePayments(core: Core): Promise<void> {
  await core.exclusive("pay-online", async () => {
    const since = core.now() - WATCHED;
    const all = await core.records.list(ONLINE_PAYMENT);
    const watched = all.filter(
      ({ value: { provider, state, at } }) =>
        provider !== undefined && state === "settled" && at >= since,
    );
    if (watched.length === 0) return;
    const online = await needProvider(core);
    if (!online.ok) return;
    for (const { key, value } of watched) {
      const receipt = await online.value.client.payOnline(value.order);
      if (!receipt.ok) return;
      await core.records.commit(put(ONLINE_PAYMENT, key, { ...value, ...heard(receipt.value) }));
    }
  });
}

/** The same order again counts once, and its answer tells how far the payment is. */
async function submit(
  core: Core,
  { client }: Online,
  key: string,
  record: OnlinePaymentRecord,
): Promise<Result<PaidOnline, WalletRefusal>> {
  const receipt = await client.payOnline(record.order);
  if (!receipt.ok) {
    return stop(core, receipt.error, remove(ONLINE_PAYMENT, key), end("pay-online", key));
  }
  const { state, ...why } = heard(receipt.value);
  const known = put(ONLINE_PAYMENT, key, { ...record, state, ...why });
  await core.records.commit(known, ...(state === "pending" ? [] : [end("pay-online", key)]));
  const { amount, receiver, provider } = record;
  const abroad = provider === undefined ? {} : { provider };
  return ok({ orderId: key, amount, receiver, ...abroad, state, ...why });
}

/** What a receipt says, as it is kept. */
function heard({ status: state, reason }: Receipt): Pick<PaidOnline, "state" | "reason"> {
  const isReason = state === "returned" && reason !== null && REASON.test(reason);
  return isReason ? { state, reason } : { state };
}
