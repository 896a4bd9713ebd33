import { map, optional, type Infer } from "../cbor/index.ts";
import { field } from "../fields.ts";
import { defineMessage } from "./message.ts";

const payload = map({
  amount: [1, field.amount],
  r: [2, field.counter],
  challenge: [3, field.challenge],
  /** Last second at which it may be paid. */
  expires: [4, optional(field.seconds)],
});

/** Figure 7 `[RequestPayment, x, receiver]`: the payee asks for x, once. Its certificate says who it is. */
export const paymentRequest = defineMessage({
  typ: 65_008,
  name: "payment-request",
  signedBy: "holder",
  payload,
});

export type PaymentRequest = Infer<typeof payload>;
