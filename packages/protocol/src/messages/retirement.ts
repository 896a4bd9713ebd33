import { map } from "../cbor/index.ts";
import { field } from "../fields.ts";
import { defineMessage } from "./message.ts";

/** The TA's last word: it is empty, and will say nothing else until it begins anew with another key. */
export const retirement = defineMessage({
  typ: 65_019,
  name: "retirement",
  signedBy: "holder",
  payload: map({
    d: [1, field.counter],
    w: [2, field.counter],
    j: [3, field.counter],
    head: [4, field.digest],
  }),
});
