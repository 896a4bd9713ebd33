// What makes one content of another, in the manner of VCDIFF (RFC 3284): bytes that are new, and bytes that have moved.
//   u16 length of the new content | steps, each one of
//   u16 place | u8 length, not 0 | bytes
//   u16 place | u8 0 | u16 length | u16 from, in the old content
const HEADER = 2;
const ADD_HEADER = 3;
const COPY_SIZE = 7;
const MAX_ADD = 255;
/** Where fewer bytes are new nothing has moved, and shorter pieces are found by chance. */
const MIN_COPY = 12;

/** What makes `after` of `before`, or undefined where it takes more than `limit` bytes to say. */
export function changeBetween(
  before: Uint8Array,
  after: Uint8Array,
  limit: number,
): Uint8Array | undefined {
  const change = new Uint8Array(limit);
  change.set(noChange(after));
  let size = HEADER;
  for (let at = differs(before, after, 0); at < after.length; at = differs(before, after, at)) {
    const added = lengthOfAdd(before, after, at);
    const copy = added < MIN_COPY ? undefined : findCopy(before, after, at);
    const end = at + (copy?.length ?? added);
    const next = size + (copy === undefined ? ADD_HEADER + end - at : COPY_SIZE);
    if (next > limit) return undefined;
    if (copy === undefined) {
      change.set([at >> 8, at & 0xff, end - at], size);
      change.set(after.subarray(at, end), size + ADD_HEADER);
    } else {
      const { length, from } = copy;
      const fields = [at >> 8, at & 0xff, 0, length >> 8, length & 0xff, from >> 8, from & 0xff];
      change.set(fields, size);
    }
    size = next;
    at = end;
  }
  return change.subarray(0, size);
}

/** The change to the very same content. */
export function noChange(content: Uint8Array): Uint8Array {
  return Uint8Array.of(content.length >> 8, content.length & 0xff);
}

/** The content after the change; throws where the bytes are none. */
export function applyChange(before: Uint8Array, change: Uint8Array): Uint8Array {
  const after = new Uint8Array(u16(change, 0));
  after.set(before.subarray(0, after.length));
  let at = HEADER;
  while (at < change.length) {
    const [place, added] = [u16(change, at), change[at + 2] ?? 0];
    if (added > 0) {
      after.set(change.subarray(at + ADD_HEADER, at + ADD_HEADER + added), place);
      at += ADD_HEADER + added;
    } else {
      const [length, from] = [u16(change, at + 3), u16(change, at + 5)];
      after.set(before.subarray(from, from + length), place);
      at += COPY_SIZE;
    }
  }
  return after;
}

/** The first place from here on where they differ. */
function differs(before: Uint8Array, after: Uint8Array, from: number): number {
  const both = Math.min(before.length, after.length);
  let at = from;
  while (at < both && before[at] === after[at]) at += 1;
  return at;
}

/** An entry that leaves a list moves all behind it, and they are found where they were. */
function findCopy(before: Uint8Array, after: Uint8Array, at: number) {
  const old = Buffer.from(before.buffer, before.byteOffset, before.length);
  const from = old.indexOf(after.subarray(at, at + MIN_COPY), at);
  if (from < 0) return undefined;
  let length = MIN_COPY;
  while (from + length < before.length && at + length < after.length) {
    if (before[from + length] !== after[at + length]) break;
    length += 1;
  }
  return { from, length };
}

/** New bytes go on over some that are the same, where to begin again would take more. */
function lengthOfAdd(before: Uint8Array, after: Uint8Array, from: number): number {
  let end = from + 1;
  for (let at = end; at < after.length && at - from < MAX_ADD && at - end <= ADD_HEADER; at += 1) {
    if (at >= before.length || before[at] !== after[at]) end = at + 1;
  }
  return end - from;
}

function u16(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}
