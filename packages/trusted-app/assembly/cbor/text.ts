import { lastLength, readString, require, TEXT } from "./reader";

/** `institution-id = text .regexp "[a-z0-9-]{1,8}"` */
export function readInstitution(): usize {
  const text = readString(TEXT, 1, 8);
  for (let i: u32 = 0; i < lastLength(); i++) require(isInstitutionByte(load<u8>(text + i)));
  return text;
}

/** `currency = text .regexp "[A-Z]{3}"` */
export function readCurrency(): usize {
  const text = readString(TEXT, 3, 3);
  for (let i: u32 = 0; i < lastLength(); i++) {
    const byte = load<u8>(text + i);
    require(byte >= 0x41 && byte <= 0x5a);
  }
  return text;
}

function isInstitutionByte(byte: u8): bool {
  return (byte >= 0x61 && byte <= 0x7a) || (byte >= 0x30 && byte <= 0x39) || byte == 0x2d;
}

/** UTF-8 (RFC 3629): no overlong forms, no surrogates, nothing above U+10FFFF. */
export function isUtf8(at: usize, length: u32): bool {
  let i: u32 = 0;
  while (i < length) {
    const first = load<u8>(at + i);
    if (first < 0x80) {
      i++;
      continue;
    }
    const size: u32 = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
    if (first < 0xc2 || first > 0xf4 || size > length - i) return false;
    const second = load<u8>(at + i + 1);
    if (first == 0xe0 && second < 0xa0) return false;
    if (first == 0xed && second > 0x9f) return false;
    if (first == 0xf0 && second < 0x90) return false;
    if (first == 0xf4 && second > 0x8f) return false;
    for (let k: u32 = 1; k < size; k++) {
      if ((load<u8>(at + i + k) & 0xc0) != 0x80) return false;
    }
    i += size;
  }
  return true;
}
