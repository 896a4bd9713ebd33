import { bool, map, uint, type Infer } from "../cbor/index.ts";
import { field } from "../fields.ts";
import { limits } from "./limits.ts";
import { defineMessage } from "./message.ts";

const payload = map({
  nonce: [1, field.nonce],
  limits: [2, limits],
  time: [3, field.seconds],
  /** Withdrawals up to this one are credited. */
  w: [4, field.counter],
  /** Payments up to this index are stored by the provider. */
  stored: [5, field.counter],
  unlockPin: [6, bool()],
  /** 0: there is no status list. */
  statusEpoch: [7, uint()],
});

/** The home provider's answer to one sync request. */
export const syncResponse = defineMessage({
  typ: 65_012,
  name: "sync-response",
  signedBy: "institution",
  payload,
});

export type SyncResponse = Infer<typeof payload>;
