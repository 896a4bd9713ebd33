import { map, type Infer } from "../cbor/index.ts";
import { field } from "../fields.ts";
import { defineMessage } from "./message.ts";

const payload = map({ amount: [1, field.amount], w: [2, field.counter] });

/** Figure 6 `[Withdraw, x, i, σ]`: the TA has debited x; anybody may bring this to the home provider. */
export const withdrawal = defineMessage({
  typ: 65_006,
  name: "withdrawal",
  signedBy: "holder",
  payload,
});

export type Withdrawal = Infer<typeof payload>;
