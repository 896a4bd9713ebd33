import { startWriting, writeArray, writeUint, written } from "./cbor/writer";

/** What the command gives back: empty unless it succeeds. */

export const OUTPUT_CAPACITY: u32 = 4096;
export const OUTPUT = memory.data(4096);

let length: u32 = 0;

export function outputLength(): u32 {
  return length;
}

export function setOutputLength(size: u32): void {
  length = size;
}

/** `[]` */
export function outputNothing(): void {
  startWriting(OUTPUT, OUTPUT_CAPACITY);
  writeArray(0);
  length = written();
}

/** `[value]` */
export function outputNumber(value: u64): void {
  startWriting(OUTPUT, OUTPUT_CAPACITY);
  writeArray(1);
  writeUint(value);
  length = written();
}
