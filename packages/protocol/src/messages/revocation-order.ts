import { map } from "../cbor/index.ts";
import { field } from "../fields.ts";
import { defineMessage } from "./message.ts";

/** A wallet reports one of its secure devices lost, for its provider to revoke that TA (§18.5). */
export const revocationOrder = defineMessage({
  typ: 65_051,
  name: "revocation-order",
  signedBy: "holder",
  payload: map({ ta: [1, field.taId] }),
});
