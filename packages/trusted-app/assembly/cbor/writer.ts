/**
 * Writes deterministic CBOR. One cursor: a structure is finished before the next is begun. What does not fit is a bug of
 * this application, never of its caller, and traps before anything is staged.
 */

let start: usize = 0;
let at: usize = 0;
let end: usize = 0;

export function startWriting(to: usize, capacity: u32): void {
  start = to;
  at = to;
  end = to + capacity;
}

/** The number of bytes written since `startWriting`. */
export function written(): u32 {
  return <u32>(at - start);
}

export function writeHead(major: u32, argument: u64): void {
  const type = <u8>(major << 5);
  if (argument < 24) {
    writeByte(type | <u8>argument);
  } else if (argument <= 0xff) {
    writeByte(type | 24);
    writeBigEndian(argument, 1);
  } else if (argument <= 0xffff) {
    writeByte(type | 25);
    writeBigEndian(argument, 2);
  } else if (argument <= 0xffff_ffff) {
    writeByte(type | 26);
    writeBigEndian(argument, 4);
  } else {
    writeByte(type | 27);
    writeBigEndian(argument, 8);
  }
}

export function writeUint(value: u64): void {
  writeHead(0, value);
}

/** -1 - `argument` */
export function writeNegative(argument: u64): void {
  writeHead(1, argument);
}

export function writeBytes(from: usize, length: u32): void {
  writeHead(2, length);
  writeRaw(from, length);
}

export function writeText(from: usize, length: u32): void {
  writeHead(3, length);
  writeRaw(from, length);
}

export function writeArray(items: u32): void {
  writeHead(4, items);
}

export function writeMap(entries: u32): void {
  writeHead(5, entries);
}

export function writeBool(value: bool): void {
  writeByte(value ? 0xf5 : 0xf4);
}

/** Bytes that are an encoded item already. */
export function writeRaw(from: usize, length: u32): void {
  for (let i: u32 = 0; i < length; i++) writeByte(load<u8>(from + i));
}

function writeBigEndian(value: u64, size: i32): void {
  for (let shift = (size - 1) << 3; shift >= 0; shift -= 8) writeByte(<u8>(value >> shift));
}

function writeByte(byte: u8): void {
  if (at >= end) unreachable();
  store<u8>(at++, byte);
}
