/**
 * Reads deterministic CBOR (RFC 8949 §4.2.1), strictly. One cursor; after the first refusal every read gives zeros, so a
 * whole structure is read first and `finished` is asked once, before any value is used.
 */

export const UINT: u32 = 0;
export const NINT: u32 = 1;
export const BYTES: u32 = 2;
export const TEXT: u32 = 3;
export const ARRAY: u32 = 4;
export const MAP: u32 = 5;

const FALSE: u8 = 0xf4;
const TRUE: u8 = 0xf5;

let at: usize = 0;
let end: usize = 0;
let failed: bool = false;
let length: u32 = 0;

export function startReading(from: usize, size: u32): void {
  at = from;
  end = from + size;
  failed = false;
}

/** Nothing was refused, and no byte is left over. */
export function finished(): bool {
  return !failed && at == end;
}

export function hasFailed(): bool {
  return failed;
}

/** Where the next item begins. */
export function position(): usize {
  return at;
}

/** The length of the string that was read last. */
export function lastLength(): u32 {
  return length;
}

/** What does not hold here makes the whole structure malformed. */
export function require(holds: bool): void {
  if (holds) return;
  failed = true;
  at = end;
  length = 0;
}

/** The major type of the next item; 8, which is none, at the end. */
export function peekMajor(): u32 {
  return at < end ? load<u8>(at) >> 5 : 8;
}

/** The argument of the next head, which has this major type and the shortest form. */
export function readHead(major: u32): u64 {
  require(peekMajor() == major);
  if (failed) return 0;
  const info = load<u8>(at++) & 31;
  if (info < 24) return info;
  // 28 to 30 are reserved; 31 is an indefinite length.
  require(info < 28);
  if (failed) return 0;
  const size: usize = 1 << (info - 24);
  require(end - at >= size);
  if (failed) return 0;
  let value: u64 = 0;
  for (let i: usize = 0; i < size; i++) value = (value << 8) | load<u8>(at++);
  // The next shorter form could not hold it: 23, or half as many bytes, that is four bits for each byte of this one.
  const tooShort = size == 1 ? value < 24 : value >> (4 * <u64>size) == 0;
  require(!tooShort);
  return failed ? 0 : value;
}

export function readUint(least: u64, most: u64): u64 {
  const value = readHead(UINT);
  require(value >= least && value <= most);
  return value;
}

export function readU32(): u32 {
  return <u32>readUint(0, u32.MAX_VALUE);
}

export function readU64(): u64 {
  return readHead(UINT);
}

/** "Money of value 0 is never moved." */
export function readAmount(): u64 {
  return readUint(1, u64.MAX_VALUE);
}

export function readBool(): bool {
  require(at < end && (load<u8>(at) == FALSE || load<u8>(at) == TRUE));
  return !failed && load<u8>(at++) == TRUE;
}

/** The address of a string of `least` to `most` bytes, whose length `lastLength` gives. */
export function readString(major: u32, least: u32, most: u32): usize {
  const size = readHead(major);
  require(size >= least && size <= most && size <= <u64>(end - at));
  if (failed) return 0;
  length = <u32>size;
  const start = at;
  at += length;
  return start;
}

export function readBytes(least: u32, most: u32): usize {
  return readString(BYTES, least, most);
}

export function readFixed(size: u32): usize {
  return readString(BYTES, size, size);
}

/** An array of exactly so many items. */
export function readArray(items: u32): void {
  require(readHead(ARRAY) == items);
}

/** An array of so many items, and of one more that may be left out: how many there are. */
export function readPlaces(items: u32): u32 {
  const places = readHead(ARRAY);
  require(places == items || places == items + 1);
  return failed ? 0 : <u32>places;
}

/** A map of `least` to `most` entries. */
export function readMap(least: u32, most: u32): u32 {
  const entries = readHead(MAP);
  require(entries >= least && entries <= most);
  return failed ? 0 : <u32>entries;
}

/** A key below 24. Asking for the keys in their order is what makes a map sorted and its keys known. */
export function readKey(key: u8): void {
  require(readHead(UINT) == key);
}

/** A negative key: -1 - `argument`. */
export function readNegativeKey(argument: u32): void {
  require(readHead(NINT) == argument);
}

/** Takes a key below 24 if it is the next item. */
export function takeKey(key: u8): bool {
  if (at >= end || load<u8>(at) != key) return false;
  at++;
  return true;
}

/** Takes a negative key of four bytes if it is the next item: -1 - `argument`. */
export function takeNegativeKey(argument: u32): bool {
  const here = at;
  if (peekMajor() == NINT && readHead(NINT) == argument) return true;
  if (!failed) at = here;
  return false;
}
