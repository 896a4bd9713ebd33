import { toHex, writeHex } from "../hex.ts";
import { assert, isUint32 } from "./assert.ts";
import { BSTR, type Reader, TSTR } from "./reader.ts";
import type { Schema } from "./schema.ts";
import { decodeUtf8, utf8Length, writeUtf8 } from "./utf8.ts";
import { headSize, type Writer } from "./writer.ts";

/** A byte string of exactly `min` bytes, or of `min` to `max`. */
export function bytes(min: number, max: number = min): Schema<Uint8Array> {
  assert(isUint32(min) && isUint32(max) && min <= max, `bytes bounds ${min}..${max}`);
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

/** A byte string of exactly `length` bytes that the code holds as lowercase hex: ids, which are keys of maps and JSON. */
export function hex(length: number): Schema<string>;
export function hex<T extends string>(length: number): Schema<T>;
export function hex<T extends string>(length: number): Schema<T> {
  assert(isUint32(length), `hex length ${length}`);
  return {
    maxSize: headSize(length) + length,
    write(writer, value) {
      assert(value.length === 2 * length, `not ${length} bytes of hex`);
      writer.head(BSTR, length);
      writeHex(value, writer.bytes, writer.pos);
      writer.pos += length;
    },
    read: (reader) => toHex(reader.take(readLength(reader, BSTR, length, length))) as T,
  };
}

/** A text of at most `max` bytes of UTF-8 that matches the pattern, if there is one. */
export function text(max: number, pattern?: RegExp): Schema<string>;
export function text<T extends string>(max: number, pattern?: RegExp): Schema<T>;
export function text<T extends string>(max: number, pattern?: RegExp): Schema<T> {
  assert(isUint32(max), `text bound ${max}`);
  assert(pattern === undefined || !(pattern.global || pattern.sticky), "a pattern with state");
  return {
    maxSize: headSize(max) + max,
    write(writer, value) {
      assert(pattern === undefined || pattern.test(value), `not a text of ${pattern?.source}`);
      writeText(writer, value, max);
    },
    read(reader) {
      const start = reader.pos;
      const value = readText(reader, max);
      if (pattern !== undefined && !pattern.test(value)) reader.fail("bad-text", start);
      return value as T;
    },
  };
}

export function writeText(writer: Writer, value: string, max: number): void {
  const length = utf8Length(value);
  assert(length <= max, `text over ${max} bytes`);
  writer.head(TSTR, length);
  writeUtf8(value, writer.bytes, writer.pos);
  writer.pos += length;
}

/** Reads a text of at most `max` bytes. */
export function readText(reader: Reader, max: number): string {
  const start = reader.pos;
  const length = readLength(reader, TSTR, 0, max);
  reader.need(length);
  const value = decodeUtf8(reader.bytes, reader.pos, reader.pos + length);
  if (value === undefined) return reader.fail("bad-utf8", start);
  reader.pos += length;
  return value;
}

/** Reads the head of a string, array or map and checks its length. */
export function readLength(reader: Reader, major: number, min: number, max: number): number {
  const start = reader.pos;
  const length = reader.head(major);
  if (length < min || length > max) reader.fail("bad-length", start);
  return length;
}
