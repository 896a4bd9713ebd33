import { map, named, optional, refined, type Infer } from "../cbor/index.ts";
import { field } from "../fields.ts";
import { defineMessage } from "./message.ts";

const payload = map({
  amount: [1, field.amount],
  d: [2, field.counter],
  kind: [3, named({ deposit: 0, refund: 1 })],
  /** The payment that is refunded. */
  j: [4, optional(field.counter)],
});

/** Figure 5: the home provider lets the TA credit x. Number d of all its confirmations, deposits and refunds alike. */
export const depositConfirmation = defineMessage({
  typ: 65_005,
  name: "deposit-confirmation",
  signedBy: "institution",
  payload: refined(payload, ({ kind, j }) => (kind === "refund") === (j !== undefined)),
});

export type DepositConfirmation = Infer<typeof payload>;
