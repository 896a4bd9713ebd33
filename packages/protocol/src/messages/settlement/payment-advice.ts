import { variants, type Infer } from "../../cbor/index.ts";
import { field } from "../../fields.ts";
import { defineMessage } from "../message.ts";
import { reason } from "./interbank-answer.ts";

const common = {
  /** 1, 2, 3, … without gaps for each provider that is advised. */
  n: [2, field.counter],
  /** The payer's provider, and its instruction. */
  payerProvider: [3, field.institutionId],
  instruction: [4, field.nonce],
  payer: [5, field.walletId],
  payeeProvider: [6, field.institutionId],
  payee: [7, field.walletId],
  amount: [8, field.amount],
} as const;

const payload = variants("kind", 1, {
  /** To the payee's provider: its reserves have grown; it credits its client. */
  payment: [0, common],
  /** To the payer's provider: the payment came back into its reserves; it credits its client again. */
  return: [1, { ...common, reason: [9, reason] }],
});

/** Reserves of a provider have grown by a payment between providers, or by one that came back. */
export const paymentAdvice = defineMessage({
  typ: 65_029,
  name: "payment-advice",
  signedBy: "institution",
  payload,
});

export type PaymentAdvice = Infer<typeof payload>;
