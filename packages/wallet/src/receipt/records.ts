import {
  bytes,
  counter,
  equalBytes,
  field,
  hex,
  map,
  MAX_MESSAGE,
  named,
  optional,
  payment,
  text,
  unwrap,
  type Counter,
  type Infer,
  type PayeeId,
  type TaId,
} from "@bezant/protocol";
import { padded } from "../core/sequence.ts";
import { kind } from "../store/records.ts";

const message = bytes(0, MAX_MESSAGE);

const incoming = map({
  /** P as it came. */
  payment: [1, message],
  receiver: [2, hex<PayeeId>(32)],
  receiverClass: [3, named({ ta: 0, wallet: 1 })],
  r: [4, field.counter],
  amount: [5, field.amount],
  at: [6, field.seconds],
  /**
   * To a TA: `collecting` (it may have been), `collected`. To a wallet: `received`; `unwanted`, where it answers no open request
   * or came too late; then `claimed` or `never-settled`, or `refused` by the provider.
   */
  state: [
    7,
    named({
      collecting: 0,
      collected: 1,
      received: 2,
      unwanted: 3,
      claimed: 4,
      "never-settled": 5,
      refused: 6,
    }),
  ],
  /** The payee's own signed outcome: `collected` or `received`. */
  receipt: [8, optional(message)],
  /** The provider's outcome of a payment to a wallet. */
  outcome: [9, optional(message)],
  /** Why the provider refused it. */
  code: [10, optional(text(64))],
});

/** Payments to this wallet or its TA, by `incomingKey`. */
export const INCOMING = kind("incoming", incoming);
export type IncomingRecord = Infer<typeof incoming>;

/** Those that are to be claimed, by the same key. */
export const CLAIMABLE = kind("claimable", map({}));

/** A sound device has one payment for an index; the request tells those of a broken one apart. */
export function incomingKey(sender: TaId, j: Counter, r: Counter): string {
  return `${incomingOf(sender, j)}${padded(r)}`;
}

/** What the keys of all payments with this index begin with. */
export function incomingOf(sender: TaId, j: Counter): string {
  return `${sender}/${padded(j)}/`;
}

export function parseIncomingKey(key: string): { readonly sender: TaId; readonly j: Counter } {
  const [sender, j] = key.split("/") as [TaId, string];
  return { sender, j: counter(Number(j)) };
}

/** Whether both say the same, whatever certificates travel with them and whichever signature they bear. */
export function isSamePayment(a: Uint8Array, b: Uint8Array): boolean {
  return equalBytes(payloadOf(a), payloadOf(b));
}

function payloadOf(bytesOfPayment: Uint8Array): Uint8Array {
  return unwrap(payment.parse(bytesOfPayment)).payloadBytes;
}
