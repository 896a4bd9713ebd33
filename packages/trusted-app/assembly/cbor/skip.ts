import { compare } from "../bytes";
import {
  ARRAY,
  BYTES,
  hasFailed,
  lastLength,
  MAP,
  NINT,
  peekMajor,
  position,
  readBool,
  readHead,
  readString,
  require,
  TEXT,
  UINT,
} from "./reader";
import { isUtf8 } from "./text";

/**
 * Passes one deterministic item that nobody has asked about yet: what is attached to a message. Integers, strings,
 * arrays, maps and booleans, nested at most `depth` deep.
 */
export function skipItem(depth: u32): void {
  require(depth > 0);
  if (hasFailed()) return;
  const major = peekMajor();
  if (major == UINT || major == NINT) {
    readHead(major);
  } else if (major == BYTES) {
    readString(BYTES, 0, u32.MAX_VALUE);
  } else if (major == TEXT) {
    const text = readString(TEXT, 0, u32.MAX_VALUE);
    require(isUtf8(text, lastLength()));
  } else if (major == ARRAY) {
    const items = readHead(ARRAY);
    for (let i: u64 = 0; i < items && !hasFailed(); i++) skipItem(depth - 1);
  } else if (major == MAP) {
    skipEntries(depth - 1);
  } else {
    readBool();
  }
}

function skipEntries(depth: u32): void {
  const entries = readHead(MAP);
  let previous: usize = 0;
  let previousLength: u32 = 0;
  for (let i: u64 = 0; i < entries && !hasFailed(); i++) {
    const key = position();
    skipItem(depth);
    const keyLength = <u32>(position() - key);
    // Neither of two keys can be the beginning of the other, so the shorter length decides.
    require(i == 0 || compare(previous, key, min(previousLength, keyLength)) < 0);
    previous = key;
    previousLength = keyLength;
    skipItem(depth);
  }
}
