import { hex, map, named, type Infer } from "../cbor/index.ts";
import { field } from "../fields.ts";
import type { TaId, WalletId } from "../ids.ts";
import { defineMessage } from "./message.ts";

/** A payee: a TA collects, a wallet claims. */
export type PayeeId = TaId | WalletId;
export type PayeeClass = "ta" | "wallet";

const payload = map({
  amount: [1, field.amount],
  receiver: [2, hex<PayeeId>(32)],
  receiverClass: [3, named({ ta: 0, wallet: 1 })],
  j: [4, field.counter],
  r: [5, field.counter],
  challenge: [6, field.challenge],
  /** As the sender's TA knows the time. */
  time: [7, field.seconds],
  /** Conditional is reserved: it decodes, and is refused by name. */
  type: [8, named({ basic: 0, conditional: 1 })],
});

/** Figure 7 `P`: the sender's TA has debited x, which from now on is the receiver's alone. */
export const payment = defineMessage({
  typ: 65_009,
  name: "payment",
  signedBy: "holder",
  payload,
});

export type Payment = Infer<typeof payload>;
