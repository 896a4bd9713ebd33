import { map, tuple, uint, type Infer } from "../cbor/index.ts";
import { field } from "../fields.ts";
import { defineMessage } from "./message.ts";

const payload = map({
  nonce: [1, field.nonce],
  balance: [2, field.balance],
  d: [3, field.counter],
  /** SHA-256 of the payload of confirmation d; zeros if d is 0. */
  depositDigest: [4, field.digest],
  w: [5, field.counter],
  j: [6, field.counter],
  nextR: [7, field.counter],
  /** Payments, and their value, since the last sync. */
  windowCount: [8, uint()],
  windowValue: [9, field.balance],
  /** Deposited, withdrawn, paid, collected, since the TA began. */
  totals: [10, tuple(field.balance, field.balance, field.balance, field.balance)],
  head: [11, field.digest],
  time: [12, field.seconds],
  /** Held back by open requests and by a deposit on its way. */
  reserved: [13, field.balance],
  openRequests: [14, uint()],
});

/** The TA's account of itself, for its home provider. */
export const syncRequest = defineMessage({
  typ: 65_011,
  name: "sync-request",
  signedBy: "holder",
  payload,
});

export type SyncRequest = Infer<typeof payload>;
