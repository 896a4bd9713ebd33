/** Why bytes were refused. Closed, and stable: other implementations are tested against these words. */
export const CODEC_ERROR_CODES = [
  "truncated", // the bytes end inside an item
  "trailing-bytes", // bytes after the item
  "too-large", // more bytes than this schema can ever need
  "not-shortest", // an integer, length or key that a shorter head could carry (RFC 8949 §4.2.1)
  "indefinite-length",
  "reserved-head", // additional information 28 to 30
  "unexpected-type", // another kind of item than the schema wants; floats, null, undefined and stray tags always are
  "out-of-range", // an integer outside its bounds or not in a closed list
  "bad-length", // a string or array outside its bounds
  "bad-utf8",
  "bad-text", // valid UTF-8 that does not fit its pattern
  "unknown-key",
  "missing-key",
  "duplicate-key",
  "unsorted-keys",
  "too-many-items", // a sequence of more items than its bound
  "too-deep", // a raw item nested beyond its bound
  "invalid-value", // well-formed, and refused by the meaning of the type
] as const;

export type CodecErrorCode = (typeof CODEC_ERROR_CODES)[number];

/** A refusal with the offset of the first byte of what was refused. */
export type CodecError = { readonly code: CodecErrorCode; readonly offset: number };

/** How a refusal travels from deep inside a schema to `decode`, which alone catches it. Never leaves this folder. */
export class CodecFailure extends Error {
  readonly code: CodecErrorCode;
  readonly offset: number;

  constructor(code: CodecErrorCode, offset: number) {
    super(code);
    this.code = code;
    this.offset = offset;
  }
}
