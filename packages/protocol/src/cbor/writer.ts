/** A buffer that `encode` has already made as large as the schema can need, so nothing here checks for room. */
export class Writer {
  readonly bytes: Uint8Array;
  pos = 0;

  constructor(capacity: number) {
    this.bytes = new Uint8Array(capacity);
  }

  byte(value: number): void {
    this.bytes[this.pos++] = value;
  }

  /** The shortest head for an argument below 2^32. */
  head(major: number, argument: number): void {
    const { bytes } = this;
    const first = major << 5;
    if (argument < 24) {
      bytes[this.pos++] = first | argument;
    } else if (argument < 0x100) {
      bytes[this.pos++] = first | 24;
      bytes[this.pos++] = argument;
    } else if (argument < 0x1_0000) {
      bytes[this.pos++] = first | 25;
      bytes[this.pos++] = argument >> 8;
      bytes[this.pos++] = argument;
    } else {
      bytes[this.pos++] = first | 26;
      this.uint32(argument);
    }
  }

  /** The shortest head for an unsigned integer below 2^64. */
  uint64(value: bigint): void {
    if (value <= 0xffff_ffffn) {
      this.head(0, Number(value));
      return;
    }
    this.byte(0x1b);
    this.uint32(Number(value >> 32n));
    this.uint32(Number(value & 0xffff_ffffn));
  }

  put(value: Uint8Array): void {
    this.bytes.set(value, this.pos);
    this.pos += value.length;
  }

  private uint32(value: number): void {
    const { bytes } = this;
    bytes[this.pos++] = value >>> 24;
    bytes[this.pos++] = value >>> 16;
    bytes[this.pos++] = value >>> 8;
    bytes[this.pos++] = value;
  }
}

/** Bytes that a head with this argument takes. */
export function headSize(argument: number | bigint): number {
  if (argument < 24) return 1;
  if (argument < 0x100) return 2;
  if (argument < 0x1_0000) return 3;
  return argument <= 0xffff_ffff ? 5 : 9;
}
