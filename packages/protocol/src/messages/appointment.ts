import { map, named } from "../cbor/index.ts";
import { confirmation } from "../cose/key.ts";
import { field } from "../fields.ts";
import { defineMessage, type Attachments } from "./message.ts";

/** What a manufacturer's root lets another key do (§17.1). */
const purpose = named({
  /** Runs the manufacturer's service: appraises evidence, endorses releases, provisions devices. */
  service: 0,
  /** Develops trusted applications: signs their manifests. */
  developer: 1,
});

/**
 * The OEM root names a key that works for it, so that the root itself can stay offline. It travels where a
 * certificate would; no TA ever sees one.
 */
export const appointment = defineMessage({
  typ: 65_040,
  name: "appointment",
  signedBy: "institution",
  payload: map({
    purpose: [1, purpose],
    /** Who holds the key: the manufacturer itself, or a developer. */
    name: [2, field.institutionId],
    /** Last second of validity, and the first. */
    exp: [4, field.seconds],
    nbf: [5, field.seconds],
    key: [8, confirmation],
  }),
});

/** The appointment attached to a message of the appointed key. */
export function appointed(bytes: Uint8Array): Attachments {
  return { certificate: bytes };
}
