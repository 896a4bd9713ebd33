import { map } from "../cbor/index.ts";
import { field } from "../fields.ts";
import { defineMessage } from "./message.ts";

/** A payee wallet will not have this payment; its provider then answers `never-settled`. */
export const declineOrder = defineMessage({
  typ: 65_018,
  name: "decline-order",
  signedBy: "holder",
  payload: map({
    sender: [1, field.taId],
    j: [2, field.counter],
    amount: [3, field.amount],
  }),
});
