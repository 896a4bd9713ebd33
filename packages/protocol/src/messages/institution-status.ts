import { array, map, refined, tuple, uint, type Infer } from "../cbor/index.ts";
import { field } from "../fields.ts";
import type { KeyId, Seconds } from "../ids.ts";
import { defineMessage } from "./message.ts";

/** So many revoked keys in one list at most; those whose certificates have all ended for 30 days leave it. */
export const MAX_REVOKED_KEYS = 64;

/** A key, and the last second of what it signed that is still believed. */
export type RevokedKey = readonly [key: KeyId, since: Seconds];

const payload = map({
  /** Rises with every list of this issuer. */
  sequence: [1, uint(undefined, 1)],
  issuedAt: [2, field.seconds],
  /** In the order of the key ids, each once. */
  revoked: [
    3,
    refined(array(tuple(field.keyId, field.seconds), { max: MAX_REVOKED_KEYS }), inOrder),
  ],
});

/**
 * Which keys of institutions are revoked, all of them in one list: the root's says so of any institution, an intermediary's
 * of those that it certified (§16.3).
 */
export const institutionStatus = defineMessage({
  typ: 65_036,
  name: "institution-status",
  signedBy: "institution",
  payload,
});
export type InstitutionStatus = Infer<typeof payload>;

function inOrder(keys: readonly RevokedKey[]): boolean {
  return keys.every(([key], i) => i === 0 || (keys[i - 1] as RevokedKey)[0] < key);
}
