import { map } from "../cbor/index.ts";
import { field } from "../fields.ts";
import { defineMessage } from "./message.ts";

/** A wallet shows that it holds its key, for a token to read with. The nonce is the provider's challenge. */
export const tokenRequest = defineMessage({
  typ: 65_017,
  name: "token-request",
  signedBy: "holder",
  payload: map({ nonce: [1, field.nonce] }),
});
