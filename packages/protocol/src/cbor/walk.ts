import { ARRAY, BSTR, MAP, NINT, type Reader, TSTR, UINT } from "./reader.ts";
import { readText } from "./strings.ts";

/**
 * Passes one deterministic item without a schema: integers of 64 bits, strings, arrays, maps, booleans. What a schema
 * would refuse is refused here too: floats, tags, null, unsorted or repeated keys, anything not shortest.
 */
export function skipItem(reader: Reader, depth: number): void {
  const start = reader.pos;
  const first = reader.peek();
  if (depth < 1) reader.fail("too-deep", start);
  const major = first >> 5;
  if (major === UINT || major === NINT) {
    reader.head64(major);
  } else if (major === BSTR) {
    const length = reader.head(BSTR);
    reader.need(length);
    reader.pos += length;
  } else if (major === TSTR) {
    readText(reader, 0xffff_ffff);
  } else if (major === ARRAY) {
    const length = reader.head(ARRAY);
    for (let i = 0; i < length; i++) skipItem(reader, depth - 1);
  } else if (major === MAP) {
    skipEntries(reader, depth - 1);
  } else {
    if (first !== 0xf4 && first !== 0xf5) reader.fail("unexpected-type", start);
    reader.pos += 1;
  }
}

function skipEntries(reader: Reader, depth: number): void {
  const length = reader.head(MAP);
  let lastStart = reader.pos;
  let lastEnd = reader.pos;
  for (let i = 0; i < length; i++) {
    const start = reader.pos;
    skipItem(reader, depth);
    if (i > 0) {
      const order = compareRanges(reader.bytes, lastStart, lastEnd, start, reader.pos);
      if (order === 0) reader.fail("duplicate-key", start);
      if (order > 0) reader.fail("unsorted-keys", start);
    }
    lastStart = start;
    lastEnd = reader.pos;
    skipItem(reader, depth);
  }
}

/** Bytewise order of two encoded keys; neither can be the beginning of the other. */
function compareRanges(
  bytes: Uint8Array,
  a: number,
  aEnd: number,
  b: number,
  bEnd: number,
): number {
  const shared = Math.min(aEnd - a, bEnd - b);
  for (let i = 0; i < shared; i++) {
    const difference = (bytes[a + i] as number) - (bytes[b + i] as number);
    if (difference !== 0) return difference;
  }
  return 0;
}
