import {
  ok,
  type Amount,
  type Counter,
  type PayeeClass,
  type PayeeId,
  type ProviderId,
  type Result,
  type Seconds,
  type TaId,
  type WalletId,
} from "@bezant/protocol";
import type { Core } from "../core/core.ts";
import { DEPOSIT } from "../deposit/records.ts";
import { ONLINE_PAYMENT } from "../online/pay-online.ts";
import { OUTGOING, parsePaymentKey, type OutgoingRecord } from "../payment/records.ts";
import { INCOMING, parseIncomingKey, type IncomingRecord } from "../receipt/records.ts";
import { WITHDRAWAL } from "../withdrawal/records.ts";

type Common = { readonly at: Seconds; readonly amount: Amount };

/** Something that this wallet has done with money. */
export type HistoryEntry = Common &
  (
    | { readonly kind: "deposit"; readonly state: "done" | "pending" }
    | { readonly kind: "withdrawal"; readonly w: Counter; readonly state: "credited" | "pending" }
    | {
        readonly kind: "paid";
        readonly ta: TaId;
        readonly j: Counter;
        readonly payee: PayeeId;
        readonly payeeClass: PayeeClass;
        /** `received`: the payee's wallet has it, and the provider's word is missing. */
        readonly state: OutgoingRecord["state"] | "received";
      }
    | {
        readonly kind: "received";
        readonly sender: TaId;
        readonly j: Counter;
        readonly payeeClass: PayeeClass;
        readonly state: IncomingRecord["state"];
        /** Why the provider refused it. */
        readonly code?: string;
      }
    | {
        readonly kind: "paid-online";
        readonly orderId: string;
        readonly receiver: WalletId;
        /** The receiver's provider, where it is another one. */
        readonly provider?: ProviderId;
        /** `returned`: the money is back in the online balance. */
        readonly state: "pending" | "settled" | "returned";
        /** Why it came back: the code of a refusal. */
        readonly reason?: string;
      }
  );

/** Everything that this wallet has done, the oldest first; times are whole seconds, so what happened in one second has no order. */
export async function history(core: Core): Promise<Result<readonly HistoryEntry[], never>> {
  const entries = [
    ...(await deposits(core)),
    ...(await withdrawals(core)),
    ...(await paid(core)),
    ...(await received(core)),
    ...(await paidOnline(core)),
  ];
  return ok(entries.toSorted((a, b) => a.at - b.at));
}

async function deposits({ records }: Core): Promise<HistoryEntry[]> {
  const found = await records.list(DEPOSIT);
  return found.map(({ value: { at, amount, done } }) => ({
    kind: "deposit",
    at,
    amount,
    state: done === true ? "done" : "pending",
  }));
}

async function withdrawals({ records }: Core): Promise<HistoryEntry[]> {
  const found = await records.list(WITHDRAWAL);
  return found.map(({ key, value: { at, amount, credited } }) => ({
    kind: "withdrawal",
    at,
    amount,
    w: parsePaymentKey(key).j,
    state: credited === true ? "credited" : "pending",
  }));
}

async function paid({ records }: Core): Promise<HistoryEntry[]> {
  const found = await records.list(OUTGOING);
  return found.map(({ key, value: { at, amount, payee, payeeClass, state, receipt } }) => ({
    kind: "paid",
    at,
    amount,
    ...parsePaymentKey(key),
    payee,
    payeeClass,
    state: state === "paid" && receipt !== undefined ? "received" : state,
  }));
}

async function received({ records }: Core): Promise<HistoryEntry[]> {
  const found = await records.list(INCOMING);
  return found.map(({ key, value: { at, amount, receiverClass: payeeClass, state, code } }) => ({
    kind: "received",
    at,
    amount,
    ...parseIncomingKey(key),
    payeeClass,
    state,
    ...(code === undefined ? {} : { code }),
  }));
}

async function paidOnline({ records }: Core): Promise<HistoryEntry[]> {
  const found = await records.list(ONLINE_PAYMENT);
  return found.map(({ key: orderId, value }) => {
    const { at, amount, receiver, provider, state = "pending", reason } = value;
    return {
      kind: "paid-online",
      at,
      amount,
      orderId,
      receiver,
      ...(provider === undefined ? {} : { provider }),
      state,
      ...(reason === undefined ? {} : { reason }),
    };
  });
}
