import { assert, isUint32 } from "./assert.ts";
import { NINT, type Reader, UINT } from "./reader.ts";
import type { Schema } from "./schema.ts";
import { headSize, type Writer } from "./writer.ts";

const MAX_UINT64 = 0xffff_ffff_ffff_ffffn;

/** An unsigned integer of at most 32 bits, as a number. */
export function uint(max = 0xffff_ffff, min = 0): Schema<number> {
  assert(isUint32(max) && isUint32(min) && min <= max, `uint bounds ${min}..${max}`);
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
  assert(min >= 0n && min <= max && max <= MAX_UINT64, "uint64 bounds");
  return {
    maxSize: headSize(max),
    write(writer, value) {
      assert(
        typeof value === "bigint" && value >= min && value <= max,
        `${String(value)} is outside its bounds`,
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
    min < 0 && isUint32(-1 - min) && min <= max && (max < 0 || isUint32(max)),
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

/** One of a closed list of integers. */
export function oneOf<const V extends readonly [number, ...number[]]>(
  ...values: V
): Schema<V[number]> {
  const base = int(Math.min(-1, ...values), Math.max(...values));
  return {
    maxSize: Math.max(...values.map((value) => headSize(value < 0 ? -1 - value : value))),
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

/** A closed list of integers that the code calls by name: `named({ basic: 0, conditional: 1 })`. */
export function named<const M extends Readonly<Record<string, number>>>(
  numbers: M,
): Schema<keyof M & string> {
  type Name = keyof M & string;
  const names = new Map<number, Name>(
    Object.entries(numbers).map(([name, number]) => [number, name]),
  );
  const count = Object.keys(numbers).length;
  assert(count > 0 && names.size === count, "named: no names, or two for one number");
  const base = oneOf(...([...names.keys()] as [number, ...number[]]));
  return {
    maxSize: base.maxSize,
    write(writer, name) {
      const number = Object.hasOwn(numbers, name) ? numbers[name] : undefined;
      assert(number !== undefined, `${name} is not one of ${Object.keys(numbers).join(", ")}`);
      writeInt(writer, number);
    },
    read: (reader) => names.get(base.read(reader)) as Name,
  };
}

export function writeInt(writer: Writer, value: number): void {
  if (value < 0) writer.head(NINT, -1 - value);
  else writer.head(UINT, value);
}

export function readInt(reader: Reader): number {
  return reader.peek() >> 5 === NINT ? -1 - reader.head(NINT) : reader.head(UINT);
}
