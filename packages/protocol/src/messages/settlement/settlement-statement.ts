import { map, type Infer } from "../../cbor/index.ts";
import { field } from "../../fields.ts";
import { defineMessage } from "../message.ts";

const payload = map({
  /** The last report accepted; 0 before the first. */
  report: [1, field.counter],
  /** SHA-256 of its payload; zeros before the first. */
  digest: [2, field.digest],
  /** The settlement window that it was accepted into; 0 before the first. */
  window: [3, field.counter],
  /** The last window that was closed and posted. */
  closed: [4, field.counter],
  reserves: [5, field.balance],
  prefund: [6, field.balance],
  /** The last advice there is for this provider. */
  advices: [7, field.counter],
});

/** Where a provider stands at the central bank. */
export const settlementStatement = defineMessage({
  typ: 65_024,
  name: "settlement-statement",
  signedBy: "institution",
  payload,
});

export type SettlementStatement = Infer<typeof payload>;
