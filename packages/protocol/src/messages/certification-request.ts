import { map, named } from "../cbor/index.ts";
import { confirmation } from "../cose/key.ts";
import { field } from "../fields.ts";
import { defineMessage } from "./message.ts";

/**
 * An institution asks the tier above for a certificate. Signed by the key it carries: proof of possession. The signer
 * is the institution itself, the audience the issuer, and `kid` the key id of the key it carries.
 */
export const certificationRequest = defineMessage({
  typ: 65_020,
  name: "certification-request",
  signedBy: "institution",
  payload: map({
    role: [1, named({ intermediary: 1, provider: 2, "central-bank": 5 })],
    sub: [2, field.institutionId],
    currency: [3, field.currency],
    key: [8, confirmation],
  }),
});
