import { map, type Infer } from "../../cbor/index.ts";
import { field } from "../../fields.ts";
import { defineMessage } from "../message.ts";

const payload = map({
  instruction: [1, field.nonce],
  payer: [2, field.walletId],
  payeeProvider: [3, field.institutionId],
  payee: [4, field.walletId],
  amount: [5, field.amount],
});

/** The central bank tells the payer's provider again of a payment that it has carried out, for one that has lost it. */
export const settledPayment = defineMessage({
  typ: 65_033,
  name: "settled-payment",
  signedBy: "institution",
  payload,
});

export type SettledPayment = Infer<typeof payload>;
