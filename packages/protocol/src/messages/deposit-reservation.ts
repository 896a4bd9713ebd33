import { map } from "../cbor/index.ts";
import { field } from "../fields.ts";
import { defineMessage } from "./message.ts";

/** Figure 5: the TA keeps room for x under its holding limit, and says which confirmation comes next. */
export const depositReservation = defineMessage({
  typ: 65_003,
  name: "deposit-reservation",
  signedBy: "holder",
  payload: map({ amount: [1, field.amount], d: [2, field.counter] }),
});
