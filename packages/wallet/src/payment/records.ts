import {
  bytes,
  counter,
  field,
  hex,
  map,
  MAX_MESSAGE,
  named,
  optional,
  toHex,
  unwrap,
  payment,
  type Counter,
  type Infer,
  type PayeeId,
  type PaymentRequest,
  type TaId,
} from "@bezant/protocol";
import type { Core } from "../core/core.ts";
import { end } from "../core/journal.ts";
import { padded } from "../core/sequence.ts";
import { kind, put, remove } from "../store/records.ts";

const message = bytes(0, MAX_MESSAGE);

const order = map({
  request: [1, message],
  at: [2, field.seconds],
  ta: [3, field.taId],
  /** Present once the TA has paid. */
  j: [4, optional(field.counter)],
});

/** What the wallet was told to pay, by `orderKey`: for ever, so that no request is paid twice. */
export const ORDER = kind("order", order);
export type OrderRecord = Infer<typeof order>;

export function orderKey(payee: PayeeId, { r, challenge }: PaymentRequest): string {
  return `${ordersOf(payee, r)}${toHex(challenge)}`;
}

/** What the keys of all orders on one request number begin with. */
export function ordersOf(payee: PayeeId, r: Counter): string {
  return `${payee}/${padded(r)}/`;
}

const outgoing = map({
  /** P as it is sent. It is kept for ever; the payer can always prove it, and a payee who lost it can have it again. */
  payment: [1, message],
  payee: [2, hex<PayeeId>(32)],
  payeeClass: [3, named({ ta: 0, wallet: 1 })],
  r: [4, field.counter],
  amount: [5, field.amount],
  at: [6, field.seconds],
  state: [7, named({ paid: 0, settled: 1, "refund-due": 2, refunded: 3 })],
  /** A payee wallet's `received`. */
  receipt: [8, optional(message)],
  /** The outcome that ended it. */
  outcome: [9, optional(message)],
});

/** Payments that a TA has made, by `paymentKey`. */
export const OUTGOING = kind("outgoing", outgoing);
export type OutgoingRecord = Infer<typeof outgoing>;

const awaited = map({ what: [1, named({ outcome: 0, refund: 1 })] });

/** The outgoing payments whose end is not known, and those that are to come back; by `paymentKey`. */
export const AWAITED = kind("awaited", awaited);

export function paymentKey(ta: TaId, j: Counter): string {
  return `${ta}/${padded(j)}`;
}

export function parsePaymentKey(key: string): { readonly ta: TaId; readonly j: Counter } {
  const [ta, j] = key.split("/") as [TaId, string];
  return { ta, j: counter(Number(j)) };
}

/** What a verified or own P says. */
export function contentOf(bytesOfPayment: Uint8Array) {
  return unwrap(payment.parse(bytesOfPayment)).payload;
}

/** Payment j of the TA has come back as a deposit. */
export async function endRefund(core: Core, ta: TaId, j: Counter): Promise<void> {
  await core.exclusive("pay", async () => {
    const key = paymentKey(ta, j);
    const record = await core.records.get(OUTGOING, key);
    if (record === undefined) return;
    const refunded = put(OUTGOING, key, { ...record, state: "refunded" });
    await core.records.commit(refunded, remove(AWAITED, key), end("refund", key));
  });
}
