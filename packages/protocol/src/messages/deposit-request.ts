import { map } from "../cbor/index.ts";
import { depositReservation } from "./deposit-reservation.ts";
import { defineMessage, embedded } from "./message.ts";

/** Figure 5 `[Deposit, x]`: the wallet's order; the reservation (an encoded message) holds the amount. */
export const depositRequest = defineMessage({
  typ: 65_004,
  name: "deposit-request",
  signedBy: "holder",
  payload: map({ reservation: [1, embedded(depositReservation)] }),
});
