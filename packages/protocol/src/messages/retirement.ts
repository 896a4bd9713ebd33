import { map } from "../cbor/index.ts";
import { field } from "../fields.ts";
import { defineMessage } from "./message.ts";

/** The TA's last word: empty, and its key destroyed. */
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
