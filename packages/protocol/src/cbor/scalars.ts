import { fromHex, toHex } from "../hex.ts";
import { BSTR, NINT, type Reader, TSTR, UINT } from "./reader.ts";
import type { Schema } from "./schema.ts";
import { decodeUtf8, encodeUtf8 } from "./utf8.ts";
import { headSize, Writer } from "./writer.ts";

const MAX_UINT32 = 0xffff_ffff;
const MAX_UINT64 = 0xffff_ffff_ffff_ffffn;

/** Throws where a caller's value or a schema's definition is wrong: a bug, never an input. */
export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new TypeError(`cbor: ${message}`);
}

/** An unsigned integer of at most 32 bits, as a number. */
export function uint(max: number = MAX_UINT32, min = 0): Schema<number> {
  assert(isArgument(max) && isArgument(min) && min <= max, `uint bounds ${min}..${max}`);
  return {
    maxSize: headSize(max),
    write(writer, value) {
      assert(
        Number.isInteger(value) && value >= min && value <= max,
        `${value} is not in ${min}..${max}`,
      );
      writer.head(UINT, value);
    },
    read(reader) {
      const start = reader.pos;
      const value = reader.head(UINT);
      if (value < min || value > max) reader.fail("out-of-range", start);
      return value;
    },
  };
}

/** An unsigned integer of at most 64 bits, as a bigint. */
export function uint64(max: bigint = MAX_UINT64, min = 0n): Schema<bigint> {
  assert(min >= 0n && min <= max && max <= MAX_UINT64, `uint64 bounds ${min}..${max}`);
  return {
    maxSize: headSize(max),
    write(writer, value) {
      assert(
        typeof value === "bigint" && value >= min && value <= max,
        `${value} is not in ${min}..${max}`,
      );
      writer.uint64(value);
    },
    read(reader) {
      const start = reader.pos;
      const value = reader.head64(UINT);
      if (value < min || value > max) reader.fail("out-of-range", start);
      return value;
    },
  };
}

/** A signed integer whose CBOR argument has at most 32 bits, as a number. */
export function int(min: number, max: number): Schema<number> {
  assert(
    min < 0 && isArgument(-1 - min) && min <= max && max <= MAX_UINT32,
    `int bounds ${min}..${max}`,
  );
  return {
    maxSize: Math.max(headSize(-1 - min), max < 0 ? 1 : headSize(max)),
    write(writer, value) {
      assert(
        Number.isInteger(value) && value >= min && value <= max,
        `${value} is not in ${min}..${max}`,
      );
      writeInt(writer, value);
    },
    read(reader) {
      const start = reader.pos;
      const value = readInt(reader);
      if (value < min || value > max) reader.fail("out-of-range", start);
      return value;
    },
  };
}

export function writeInt(writer: Writer, value: number): void {
  if (value < 0) writer.head(NINT, -1 - value);
  else writer.head(UINT, value);
}

export function readInt(reader: Reader): number {
  return reader.peek() >> 5 === NINT ? -1 - reader.head(NINT) : reader.head(UINT);
}

export function bool(): Schema<boolean> {
  return {
    maxSize: 1,
    write(writer, value) {
      assert(typeof value === "boolean", `${value} is not a boolean`);
      writer.byte(value ? 0xf5 : 0xf4);
    },
    read(reader) {
      const first = reader.peek();
      if (first !== 0xf4 && first !== 0xf5) reader.fail("unexpected-type", reader.pos);
      reader.pos += 1;
      return first === 0xf5;
    },
  };
}

/** Exactly this integer or text. */
export function literal<const V extends number | string>(value: V): Schema<V> {
  const encoded = encodeLiteral(value);
  return {
    maxSize: encoded.length,
    write(writer, given) {
      assert(given === value, `${given} is not ${value}`);
      writer.put(encoded);
    },
    read(reader) {
      const start = reader.pos;
      if (
        typeof value === "number"
          ? readInt(reader) !== value
          : readText(reader, encoded.length) !== value
      ) {
        reader.fail("out-of-range", start);
      }
      return value;
    },
  };
}

/** One of a closed list of integers. */
export function oneOf<const V extends readonly [number, ...number[]]>(
  ...values: V
): Schema<V[number]> {
  const base = int(Math.min(-1, ...values), Math.max(...values));
  return {
    maxSize: Math.max(...values.map((value) => encodeLiteral(value).length)),
    write(writer, value) {
      assert(values.includes(value), `${value} is not one of ${values.join(", ")}`);
      writeInt(writer, value);
    },
    read(reader) {
      const start = reader.pos;
      const value = base.read(reader);
      if (!values.includes(value)) reader.fail("out-of-range", start);
      return value;
    },
  };
}

/** A closed list of integers that the code calls by name: `named({ basic: 1, conditional: 2 })`. */
export function named<const M extends Readonly<Record<string, number>>>(
  numbers: M,
): Schema<keyof M & string> {
  type Name = keyof M & string;
  const names = new Map<number, Name>(
    Object.entries(numbers).map(([name, number]) => [number, name]),
  );
  assert(
    names.size > 0 && names.size === Object.keys(numbers).length,
    "named: two names for one number, or none",
  );
  const base = oneOf(...([...names.keys()] as [number, ...number[]]));
  return {
    maxSize: base.maxSize,
    write(writer, name) {
      assert(
        Object.hasOwn(numbers, name),
        `${name} is not one of ${Object.keys(numbers).join(", ")}`,
      );
      writeInt(writer, numbers[name] as number);
    },
    read: (reader) => names.get(base.read(reader)) as Name,
  };
}

/** A byte string of exactly `min` bytes, or of `min` to `max`. */
export function bytes(min: number, max: number = min): Schema<Uint8Array> {
  assert(isArgument(min) && isArgument(max) && min <= max, `bytes bounds ${min}..${max}`);
  return {
    maxSize: headSize(max) + max,
    write(writer, value) {
      assert(
        value instanceof Uint8Array && value.length >= min && value.length <= max,
        `not ${min}..${max} bytes`,
      );
      writer.head(BSTR, value.length);
      writer.put(value);
    },
    read: (reader) => reader.take(readLength(reader, BSTR, min, max)),
  };
}

/** A byte string of exactly `length` bytes that the code holds as lowercase hex: ids, as keys of maps and in JSON. */
export function hex<T extends string = string>(length: number): Schema<T> {
  assert(isArgument(length), `hex length ${length}`);
  return {
    maxSize: headSize(length) + length,
    write(writer, value) {
      const decoded = fromHex(value);
      assert(decoded.length === length, `not ${length} bytes of hex`);
      writer.head(BSTR, length);
      writer.put(decoded);
    },
    read: (reader) => toHex(reader.take(readLength(reader, BSTR, length, length))) as T,
  };
}

/** A text of at most `max` bytes of UTF-8 that matches the pattern, if there is one. */
export function text<T extends string = string>(max: number, pattern?: RegExp): Schema<T> {
  assert(isArgument(max), `text bound ${max}`);
  assert(pattern === undefined || !(pattern.global || pattern.sticky), "a pattern with state");
  return {
    maxSize: headSize(max) + max,
    write(writer, value) {
      const encoded = encodeUtf8(value);
      assert(encoded.length <= max, `text over ${max} bytes`);
      assert(
        pattern === undefined || pattern.test(value),
        `text does not match ${pattern?.source}`,
      );
      writer.head(TSTR, encoded.length);
      writer.put(encoded);
    },
    read(reader) {
      const start = reader.pos;
      const value = readText(reader, max);
      if (pattern !== undefined && !pattern.test(value)) reader.fail("bad-text", start);
      return value as T;
    },
  };
}

/** Reads the head of a string or array and checks its length. */
export function readLength(reader: Reader, major: number, min: number, max: number): number {
  const start = reader.pos;
  const length = reader.head(major);
  if (length < min || length > max) reader.fail("bad-length", start);
  return length;
}

/** Reads a text of at most `max` bytes. */
export function readText(reader: Reader, max: number): string {
  const start = reader.pos;
  const length = readLength(reader, TSTR, 0, max);
  reader.need(length);
  const value = decodeUtf8(reader.bytes, reader.pos, reader.pos + length);
  if (value === undefined) reader.fail("bad-utf8", start);
  reader.pos += length;
  return value;
}

function isArgument(value: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= MAX_UINT32;
}

function encodeLiteral(value: number | string): Uint8Array {
  const payload = typeof value === "string" ? encodeUtf8(value) : undefined;
  const writer = new Writer(9 + (payload?.length ?? 0));
  if (payload === undefined) {
    assert(
      typeof value === "number" && isArgument(value < 0 ? -1 - value : value),
      `literal ${value}`,
    );
    writeInt(writer, value);
  } else {
    writer.head(TSTR, payload.length);
    writer.put(payload);
  }
  return writer.bytes.slice(0, writer.pos);
}
