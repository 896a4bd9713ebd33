// The ES2026 method is several times faster; engines without it take the table.
type WithHex = { toHex?: () => string };

const PAIRS: readonly string[] = Array.from({ length: 256 }, (_, byte) =>
  byte.toString(16).padStart(2, "0"),
);

const native = typeof (Uint8Array.prototype as WithHex).toHex === "function";

/** Lowercase hex, two digits a byte. */
export function toHex(bytes: Uint8Array): string {
  if (native) return (bytes as Uint8Array & { toHex(): string }).toHex();
  let text = "";
  for (const byte of bytes) text += PAIRS[byte];
  return text;
}

/** Bytes of lowercase hex; anything else is a bug and throws. */
export function fromHex(text: string): Uint8Array {
  if (text.length % 2 !== 0) throw new TypeError("hex with half a byte");
  const bytes = new Uint8Array(text.length / 2);
  writeHex(text, bytes, 0);
  return bytes;
}

/** Writes the bytes of a hex text of even length; digits that are none are a bug and throw. */
export function writeHex(text: string, into: Uint8Array, start: number): void {
  for (let i = 0, at = start; i < text.length; i += 2, at++) {
    into[at] = (digit(text.charCodeAt(i)) << 4) | digit(text.charCodeAt(i + 1));
  }
}

function digit(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  if (code >= 0x61 && code <= 0x66) return code - 0x57;
  throw new TypeError("not lowercase hex");
}
