import { copy, zero } from "../bytes";

/** Removes an entry of a compact list: those behind it move down, and the place that becomes free is zeroed. */
export function removeEntry(entries: usize, countAt: usize, size: u32, index: u32): void {
  const last = <u32>load<u8>(countAt) - 1;
  const entry = entries + index * size;
  copy(entry, entry + size, (last - index) * size);
  zero(entries + last * size, size);
  store<u8>(countAt, <u8>last);
}
