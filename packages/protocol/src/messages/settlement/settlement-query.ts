import { array, tuple, variants, type Infer } from "../../cbor/index.ts";
import { field } from "../../fields.ts";
import { defineMessage } from "../message.ts";

const at = field.seconds;

/** Certificates in one question at most. */
export const MAX_ASKED = 24;

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
  /** Have these providers reported these certificates? */
  certificates: [
    6,
    {
      at: [2, at],
      asked: [6, array(tuple(field.institutionId, field.digest), { min: 1, max: MAX_ASKED })],
    },
  ],
  /** Which payments of mine have been carried out, after this instruction? */
  payments: [7, { at: [2, at], after: [7, field.nonce] }],
});

/** A provider asks the central bank. It says when, so that one that was overheard soon reads nothing any more. */
export const settlementQuery = defineMessage({
  typ: 65_031,
  name: "settlement-query",
  signedBy: "institution",
  payload,
});

export type SettlementQuery = Infer<typeof payload>;
