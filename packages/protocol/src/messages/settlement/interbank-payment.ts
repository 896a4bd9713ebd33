import { map, type Infer } from "../../cbor/index.ts";
import { field } from "../../fields.ts";
import { defineMessage } from "../message.ts";

const payload = map({
  /** Used once per paying provider; makes a retry the same instruction. */
  instruction: [1, field.nonce],
  payer: [2, field.walletId],
  payeeProvider: [3, field.institutionId],
  payee: [4, field.walletId],
  amount: [5, field.amount],
});

/** An online payment of a client to another provider's client. */
export const interbankPayment = defineMessage({
  typ: 65_027,
  name: "interbank-payment",
  signedBy: "institution",
  payload,
});

export type InterbankPayment = Infer<typeof payload>;
