import { variants, type Infer } from "../../cbor/index.ts";
import { field } from "../../fields.ts";
import { defineMessage } from "../message.ts";

const at = field.seconds;

const payload = variants("kind", 1, {
  /** Where do I stand? */
  status: [0, { at: [2, at] }],
  /** What advices are there after this one? */
  advices: [1, { at: [2, at], after: [3, field.counter] }],
  /** What did this window come to for me? */
  position: [2, { at: [2, at], window: [3, field.counter] }],
  /** Has this provider reported this certificate, or this deposit confirmation? */
  certificate: [3, { at: [2, at], provider: [4, field.institutionId], digest: [5, field.digest] }],
  confirmation: [4, { at: [2, at], provider: [4, field.institutionId], digest: [5, field.digest] }],
  /** What have I reported last? */
  report: [5, { at: [2, at] }],
});

/** A provider asks the central bank. It says when, so that one that was overheard soon reads nothing any more. */
export const settlementQuery = defineMessage({
  typ: 65_031,
  name: "settlement-query",
  signedBy: "institution",
  payload,
});

export type SettlementQuery = Infer<typeof payload>;
