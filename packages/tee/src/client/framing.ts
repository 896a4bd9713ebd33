import { concatBytes } from "@bezant/protocol";

const HEAD = 4;

/** The frame of one message: its length as a big-endian u32, then the message. */
export function frame(message: Uint8Array): Uint8Array {
  const head = new Uint8Array(HEAD);
  new DataView(head.buffer).setUint32(0, message.length);
  return concatBytes(head, message);
}

/** Cuts a stream into its messages. It never holds more than one message beyond what one read brought. */
export class FrameReader {
  readonly #maxSize: number;
  #buffer: Uint8Array = new Uint8Array();

  constructor(maxSize: number) {
    this.#maxSize = maxSize;
  }

  push(chunk: Uint8Array): void {
    this.#buffer = this.#buffer.length === 0 ? chunk : concatBytes(this.#buffer, chunk);
  }

  /** The next whole message; undefined where more bytes are needed; `too-large` ends the stream. */
  next(): Uint8Array | "too-large" | undefined {
    const buffer = this.#buffer;
    if (buffer.length < HEAD) return undefined;
    const length = new DataView(buffer.buffer, buffer.byteOffset).getUint32(0);
    if (length > this.#maxSize) return "too-large";
    if (buffer.length < HEAD + length) return undefined;
    this.#buffer = buffer.subarray(HEAD + length);
    return buffer.subarray(HEAD, HEAD + length);
  }
}
