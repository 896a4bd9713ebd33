import { MAX_BATCH_BYTES, MAX_MESSAGE } from "@bezant/protocol";

/** One signed message (RFC 9052). */
export const COSE = "application/cose";
/** A container of messages. */
export const CBOR = "application/cbor";
/** Several messages, one after the other (RFC 8742). */
export const CBOR_SEQUENCE = "application/cbor-seq";
export const JSON_MEDIA = "application/json";
/** RFC 9457. */
export const PROBLEM = "application/problem+json";

export const BINARY_MEDIA = [COSE, CBOR, CBOR_SEQUENCE] as const;
export type BinaryMedia = (typeof BINARY_MEDIA)[number];

/** The longest bodies that a route can have a use for. */
export const LIMITS = {
  json: 1024,
  message: MAX_MESSAGE,
  pair: 2 * MAX_MESSAGE,
  batch: MAX_BATCH_BYTES,
} as const;
