import { bytes, map } from "../cbor/index.ts";
import { defineMessage, MAX_MESSAGE } from "./message.ts";

/** Figure 5 `[Deposit, x]`: the wallet's order; the reservation (an encoded message) holds the amount. */
export const depositRequest = defineMessage({
  typ: 65_004,
  name: "deposit-request",
  signedBy: "holder",
  payload: map({ reservation: [1, bytes(0, MAX_MESSAGE)] }),
});
