import { array, bool, map, tuple, uint, type Infer } from "../cbor/index.ts";
import { field } from "../fields.ts";
import { limits } from "./limits.ts";
import { defineMessage } from "./message.ts";
import { MAX_STATUS_INDEX } from "./status-chunk.ts";

/** A TA has so many places for other institutions' epochs, and as many for revoked keys. */
export const MAX_PINS = 8;

const payload = map({
  nonce: [1, field.nonce],
  limits: [2, limits],
  time: [3, field.seconds],
  /** Withdrawals up to this one are credited. */
  w: [4, field.counter],
  /** Payments up to this index are stored by the provider. */
  stored: [5, field.counter],
  unlockPin: [6, bool()],
  /** The epoch from which a status list of each of these providers counts (§18). */
  epochs: [7, array(tuple(field.institutionId, uint(MAX_STATUS_INDEX, 1)), { max: MAX_PINS })],
  /** Keys of institutions that are revoked, each with the last second at which it was believed. */
  revokedKeys: [8, array(tuple(field.keyId, field.seconds), { max: MAX_PINS })],
});

/** The home provider's answer to one sync request. */
export const syncResponse = defineMessage({
  typ: 65_012,
  name: "sync-response",
  signedBy: "institution",
  payload,
});

export type SyncResponse = Infer<typeof payload>;
