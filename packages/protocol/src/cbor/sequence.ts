import { err, ok, type Result } from "../result.ts";
import type { CodecError } from "./error.ts";
import { Reader } from "./reader.ts";
import { refused } from "./schema.ts";
import { skipItem } from "./walk.ts";

export type SequenceBounds = {
  readonly maxItems: number;
  readonly maxItemSize: number;
  readonly depth?: number;
};

/**
 * Splits a CBOR sequence (RFC 8742) into its items, each well-formed and deterministic but not yet decoded. The items
 * are views of the input, unlike decoded values: decode them before the input changes.
 */
export function decodeSequence(
  bytes: Uint8Array,
  bounds: SequenceBounds,
): Result<Uint8Array[], CodecError> {
  const { maxItems, maxItemSize, depth = 8 } = bounds;
  if (bytes.length > maxItems * maxItemSize)
    return err({ code: "too-large", offset: maxItems * maxItemSize });
  const reader = new Reader(bytes);
  const items: Uint8Array[] = [];
  try {
    while (reader.pos < reader.end) {
      const start = reader.pos;
      if (items.length === maxItems) reader.fail("too-many-items", start);
      skipItem(reader, depth);
      if (reader.pos - start > maxItemSize) reader.fail("too-large", start);
      items.push(bytes.subarray(start, reader.pos));
    }
  } catch (error) {
    return refused(error);
  }
  return ok(items);
}
