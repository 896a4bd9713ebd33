import { map, type Infer } from "../../cbor/index.ts";
import { field } from "../../fields.ts";
import { defineMessage } from "../message.ts";
import { reason } from "./interbank-answer.ts";

const payload = map({
  /** The advice that cannot be carried out. */
  n: [1, field.counter],
  payerProvider: [2, field.institutionId],
  instruction: [3, field.nonce],
  amount: [4, field.amount],
  reason: [5, reason],
});

/** The payee's provider gives a payment back that it cannot credit. */
export const paymentReturn = defineMessage({
  typ: 65_030,
  name: "payment-return",
  signedBy: "institution",
  payload,
});

export type PaymentReturn = Infer<typeof payload>;
