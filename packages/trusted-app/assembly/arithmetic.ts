/** Sums of money wrap silently in Wasm, so every addition asks first. */

export function fits(a: u64, b: u64): bool {
  return a <= u64.MAX_VALUE - b;
}

/** The sum, or the largest number where it does not fit: over every limit. */
export function saturatingAdd(a: u64, b: u64): u64 {
  return fits(a, b) ? a + b : u64.MAX_VALUE;
}
