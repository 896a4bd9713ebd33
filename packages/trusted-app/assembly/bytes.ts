/** Loops of our own: Wasm without the bulk-memory extension has no copy or fill. */

export function equal(a: usize, b: usize, length: u32): bool {
  for (let i: u32 = 0; i < length; i++) {
    if (load<u8>(a + i) != load<u8>(b + i)) return false;
  }
  return true;
}

/** In time that does not depend on where the first difference is. */
export function equalInConstantTime(a: usize, b: usize, length: u32): bool {
  let difference: u32 = 0;
  for (let i: u32 = 0; i < length; i++) difference |= load<u8>(a + i) ^ load<u8>(b + i);
  return difference == 0;
}

/** Same length, same bytes. */
export function equalStrings(a: usize, aLength: u32, b: usize, bLength: u32): bool {
  return aLength == bLength && equal(a, b, aLength);
}

/** Bytewise order: negative, zero or positive. Read as numbers, the bytes are big-endian. */
export function compare(a: usize, b: usize, length: u32): i32 {
  for (let i: u32 = 0; i < length; i++) {
    const difference = <i32>load<u8>(a + i) - <i32>load<u8>(b + i);
    if (difference != 0) return difference;
  }
  return 0;
}

export function isZero(at: usize, length: u32): bool {
  for (let i: u32 = 0; i < length; i++) {
    if (load<u8>(at + i) != 0) return false;
  }
  return true;
}

/** From the first byte to the last, so a move to a lower address may overlap. */
export function copy(to: usize, from: usize, length: u32): void {
  for (let i: u32 = 0; i < length; i++) store<u8>(to + i, load<u8>(from + i));
}

export function zero(at: usize, length: u32): void {
  for (let i: u32 = 0; i < length; i++) store<u8>(at + i, 0);
}
