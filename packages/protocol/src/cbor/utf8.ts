// Strict UTF-8 (RFC 3629): no overlong forms, no surrogates, nothing above U+10FFFF.
// Own code because TextEncoder and TextDecoder belong to the platform, and this package has none.

/** The text of these bytes, or undefined where they are not UTF-8. */
export function decodeUtf8(bytes: Uint8Array, start: number, end: number): string | undefined {
  let text = "";
  let at = start;
  while (at < end) {
    const first = bytes[at] as number;
    if (first < 0x80) {
      text += String.fromCharCode(first);
      at += 1;
      continue;
    }
    const length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
    if (first < 0xc2 || first > 0xf4 || at + length > end) return undefined;
    let point = first & (0x7f >> length);
    for (let i = 1; i < length; i++) {
      const next = bytes[at + i] as number;
      if ((next & 0xc0) !== 0x80) return undefined;
      point = (point << 6) | (next & 0x3f);
    }
    if (length === 3 && (point < 0x800 || isSurrogate(point))) return undefined;
    if (length === 4 && (point < 0x1_0000 || point > 0x10_ffff)) return undefined;
    text += String.fromCodePoint(point);
    at += length;
  }
  return text;
}

/** How many bytes a text takes; a lone surrogate has none, is a bug and throws. */
export function utf8Length(text: string): number {
  let length = 0;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) {
      length += 1;
    } else if (unit < 0x800) {
      length += 2;
    } else if (!isSurrogate(unit)) {
      length += 3;
    } else {
      if (isSurrogate(text.codePointAt(i) as number)) throw new TypeError("a lone surrogate");
      length += 4;
      i += 1;
    }
  }
  return length;
}

/** Writes a text whose `utf8Length` has been taken. */
export function writeUtf8(text: string, into: Uint8Array, start: number): void {
  let at = start;
  for (let i = 0; i < text.length; i++) {
    const point = text.codePointAt(i) as number;
    if (point < 0x80) {
      into[at++] = point;
      continue;
    }
    if (point < 0x800) {
      into[at++] = 0xc0 | (point >> 6);
    } else {
      if (point < 0x1_0000) {
        into[at++] = 0xe0 | (point >> 12);
      } else {
        into[at++] = 0xf0 | (point >> 18);
        into[at++] = 0x80 | ((point >> 12) & 0x3f);
        i += 1;
      }
      into[at++] = 0x80 | ((point >> 6) & 0x3f);
    }
    into[at++] = 0x80 | (point & 0x3f);
  }
}

export function encodeUtf8(text: string): Uint8Array {
  const bytes = new Uint8Array(utf8Length(text));
  writeUtf8(text, bytes, 0);
  return bytes;
}

function isSurrogate(point: number): boolean {
  return point >= 0xd800 && point <= 0xdfff;
}
