import { defineMessage, field, named, variants, type Infer } from "@bezant/protocol";

const client = field.walletId;

const payload = variants("kind", 1, {
  /** Revokes a TA of the client, or with `subject` = `client` its wallet. */
  revoke: [
    0,
    {
      client: [2, client],
      subject: [3, field.taId],
      reason: [4, named({ lost: 0, broken: 1, other: 2 })],
    },
  ],
  /** What this key of an institution signed later than `since` is not believed. */
  "revoke-key": [1, { kid: [5, field.keyId], since: [6, field.seconds] }],
  /** Honours a claim that waits for a decision: it is credited as any other. */
  "release-claim": [2, { client: [2, client], sender: [3, field.taId], j: [7, field.counter] }],
  /** Lets a refund to a revoked TA go its way. */
  "release-refund": [3, { client: [2, client], ta: [3, field.taId], j: [7, field.counter] }],
});

/**
 * What the provider's operator decides about revocation. Each says what shall be so, not what shall change, so that the same
 * order again changes nothing. It never leaves the provider and is no part of the protocol.
 */
export const statusOrder = defineMessage({
  typ: 65_510,
  name: "status-order",
  signedBy: "institution",
  payload,
});

export type StatusOrder = Infer<typeof payload>;
