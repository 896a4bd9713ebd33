import { map, type Infer } from "../cbor/index.ts";
import { field } from "../fields.ts";
import { defineMessage } from "./message.ts";

const payload = map({
  nonce: [1, field.nonce],
  balance: [2, field.balance],
  d: [3, field.counter],
  w: [4, field.counter],
  j: [5, field.counter],
});

/** Figure 4 `Get-Balance`: what the TA holds, for one nonce. Moves nothing. */
export const signedBalance = defineMessage({
  typ: 65_013,
  name: "signed-balance",
  signedBy: "holder",
  payload,
});

export type SignedBalance = Infer<typeof payload>;
