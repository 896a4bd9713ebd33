/** Sums of money wrap silently in Wasm, so every addition asks first. */

export function fits(a: u64, b: u64): bool {
  return a <= u64.MAX_VALUE - b;
}

/** Whether a + b is over the limit: "a sum that does not fit 64 bits is over every limit". */
export function isOver(a: u64, b: u64, limit: u64): bool {
  return a > limit || b > limit - a;
}

/** A sum that fits because of checks that were made before; otherwise it is a bug, and traps. */
export function add(a: u64, b: u64): u64 {
  if (!fits(a, b)) unreachable();
  return a + b;
}
