import { map } from "../cbor/index.ts";
import { confirmation } from "../cose/key.ts";
import { defineMessage } from "./message.ts";

/** Figure 2: a wallet asks its provider for a certificate. Signed by the key it carries: proof of possession. */
export const registration = defineMessage({
  typ: 65_001,
  name: "registration",
  signedBy: "holder",
  payload: map({ key: [1, confirmation] }),
});
