import { CodecFailure, type CodecErrorCode } from "./error.ts";

// Major types (RFC 8949 §3.1).
export const UINT = 0;
export const NINT = 1;
export const BSTR = 2;
export const TSTR = 3;
export const ARRAY = 4;
export const MAP = 5;
export const TAG = 6;

/** A cursor over bytes that reads item heads strictly. Every method throws `CodecFailure` on what it refuses. */
export class Reader {
  readonly bytes: Uint8Array;
  pos = 0;
  end: number;
  private copy: Uint8Array | undefined;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.end = bytes.length;
  }

  fail(code: CodecErrorCode, offset: number): never {
    throw new CodecFailure(code, offset);
  }

  /** The next byte, not consumed. */
  peek(): number {
    if (this.pos >= this.end) this.fail("truncated", this.pos);
    return this.bytes[this.pos] as number;
  }

  /** Reads a head of this major type whose argument is below 2^32, and gives the argument. */
  head(major: number): number {
    const first = this.peek();
    if (first >> 5 !== major) this.fail("unexpected-type", this.pos);
    const info = first & 0x1f;
    if (info < 24) {
      this.pos += 1;
      return info;
    }
    return this.longHead(info, major < BSTR ? "out-of-range" : "bad-length");
  }

  /** Reads a head of this major type, for an integer, whose argument is below 2^64. */
  head64(major: typeof UINT | typeof NINT): bigint {
    if (this.peek() !== ((major << 5) | 27)) return BigInt(this.head(major));
    const start = this.pos;
    this.need(9);
    const high = this.uint32At(start + 1);
    const low = this.uint32At(start + 5);
    if (high === 0) this.fail("not-shortest", start);
    this.pos += 9;
    return high < 0x20_0000
      ? BigInt(high * 0x1_0000_0000 + low)
      : (BigInt(high) << 32n) | BigInt(low);
  }

  /** A copy of the next bytes, so that nobody who holds the input can change a decoded value. */
  take(length: number): Uint8Array {
    this.need(length);
    const { bytes, pos } = this;
    this.pos = pos + length;
    // Engines keep up to 64 bytes on their own heap. More costs an allocation outside, so one serves all of a message.
    if (length > 64) {
      this.copy ??= new Uint8Array(bytes);
      return this.copy.subarray(pos, pos + length);
    }
    const taken = new Uint8Array(length);
    for (let i = 0; i < length; i++) taken[i] = bytes[pos + i] as number;
    return taken;
  }

  need(length: number): void {
    if (this.end - this.pos < length) this.fail("truncated", this.end);
  }

  private longHead(info: number, tooLong: CodecErrorCode): number {
    const start = this.pos;
    if (info === 31) this.fail("indefinite-length", start);
    if (info > 27) this.fail("reserved-head", start);
    const size = 1 << (info - 24);
    this.need(1 + size);
    const { bytes } = this;
    let value: number;
    let least: number;
    if (size === 1) {
      value = bytes[start + 1] as number;
      least = 24;
    } else if (size === 2) {
      value = ((bytes[start + 1] as number) << 8) | (bytes[start + 2] as number);
      least = 0x100;
    } else {
      value = this.uint32At(start + 1);
      least = size === 4 ? 0x1_0000 : 1;
    }
    if (value < least) this.fail("not-shortest", start);
    if (size === 8) this.fail(tooLong, start);
    this.pos = start + 1 + size;
    return value;
  }

  private uint32At(at: number): number {
    const { bytes } = this;
    return (
      (bytes[at] as number) * 0x100_0000 +
      (((bytes[at + 1] as number) << 16) |
        ((bytes[at + 2] as number) << 8) |
        (bytes[at + 3] as number))
    );
  }
}
