import { map } from "../cbor/index.ts";
import { field } from "../fields.ts";
import { defineMessage } from "./message.ts";

/** The manufacturer lets a release onto its devices, and gives it out as a reference value (RFC 9334 §2.1). */
export const taEndorsement = defineMessage({
  typ: 65_042,
  name: "ta-endorsement",
  signedBy: "institution",
  payload: map({
    /** SHA-256 of the manifest's payload. */
    manifest: [1, field.digest],
    /** When. */
    at: [6, field.seconds],
  }),
});
