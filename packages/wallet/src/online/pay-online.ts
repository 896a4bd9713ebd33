import {
  bool,
  bytes,
  err,
  field,
  map,
  MAX_MESSAGE,
  ok,
  onlinePaymentOrder,
  optional,
  toHex,
  type Amount,
  type Infer,
  type Result,
  type WalletId,
} from "@bezant/protocol";
import type { Core } from "../core/core.ts";
import { needProvider, orderContext, type Online } from "../core/identity.ts";
import { begin, end, unfinished } from "../core/journal.ts";
import { stop } from "../core/stop.ts";
import { pending, type WalletRefusal } from "../refusals.ts";
import { kind, put, remove } from "../store/records.ts";

const payment = map({
  amount: [1, field.amount],
  receiver: [2, field.walletId],
  at: [3, field.seconds],
  order: [4, bytes(0, MAX_MESSAGE)],
  /** Present once the provider has carried it out. */
  done: [5, optional(bool())],
});

/** Payments between online balances, by their order ids. */
export const ONLINE_PAYMENT = kind("online-payment", payment);
export type OnlinePaymentRecord = Infer<typeof payment>;

export type PaidOnline = {
  /** The order's id, lowercase hex. */
  readonly orderId: string;
  readonly amount: Amount;
  readonly receiver: WalletId;
};

/** Section 2.1 of the paper: pays another client of the same provider out of the online balance, once. */
export async function payOnline(
  core: Core,
  { amount, receiver }: { readonly amount: Amount; readonly receiver: WalletId },
): Promise<Result<PaidOnline, WalletRefusal>> {
  return core.exclusive("pay-online", async () => {
    const online = await needProvider(core);
    if (!online.ok) return online;
    const orderId = core.random(16);
    const terms = { amount, receiver, orderId };
    const context = orderContext(core, online.value);
    const order = await onlinePaymentOrder.signAsync(terms, context, core.signer);
    const key = toHex(orderId);
    const record: OnlinePaymentRecord = { amount, receiver, at: core.now(), order };
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
  const done = put(ONLINE_PAYMENT, key, { ...record, done: true });
  await core.records.commit(done, end("pay-online", key));
  return ok({ orderId: key, amount: record.amount, receiver: record.receiver });
}
