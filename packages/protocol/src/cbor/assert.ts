/** Throws where a caller's value or a schema's definition is wrong: a bug, never an input. */
export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new TypeError(`cbor: ${message}`);
}

/** Whether a number can be the argument of a head of at most 32 bits. */
export function isUint32(value: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= 0xffff_ffff;
}
