import { ARRAY, BSTR, Reader, TAG } from "./reader.ts";
import { assert, isUint32 } from "./assert.ts";
import { readLength } from "./strings.ts";
import type { CodecErrorCode } from "./error.ts";
import type { AnySchema, Infer, Schema } from "./schema.ts";
import { headSize } from "./writer.ts";
import { skipItem } from "./walk.ts";

/** An array of `min` to `max` items of one kind. */
export function array<T>(
  item: Schema<T>,
  bounds: { readonly min?: number; readonly max: number },
): Schema<readonly T[]> {
  const { min = 0, max } = bounds;
  assert(min >= 0 && min <= max, `array bounds ${min}..${max}`);
  return {
    maxSize: headSize(max) + max * item.maxSize,
    write(writer, values) {
      assert(values.length >= min && values.length <= max, `not ${min}..${max} items`);
      writer.head(ARRAY, values.length);
      for (const value of values) item.write(writer, value);
    },
    read(reader) {
      const length = readLength(reader, ARRAY, min, max);
      const values: T[] = [];
      for (let i = 0; i < length; i++) values.push(item.read(reader));
      return values;
    },
  };
}

/** An array whose places have each their own schema. */
export function tuple<const S extends readonly AnySchema[]>(
  ...schemas: S
): Schema<{ readonly [I in keyof S]: Infer<S[I]> }> {
  type Values = { readonly [I in keyof S]: Infer<S[I]> };
  const { length } = schemas;
  return {
    maxSize: schemas.reduce((sum, schema) => sum + schema.maxSize, headSize(length)),
    write(writer, values) {
      assert(values.length === length, `not ${length} items`);
      writer.head(ARRAY, length);
      for (let i = 0; i < length; i++) (schemas[i] as AnySchema).write(writer, values[i]);
    },
    read(reader) {
      readLength(reader, ARRAY, length, length);
      const values: unknown[] = [];
      for (const schema of schemas) values.push(schema.read(reader));
      return values as unknown as Values;
    },
  };
}

/** An array of these places, and of one more at its end that may be left out. */
export function tupleWithLast<const S extends readonly AnySchema[], L>(
  schemas: S,
  last: Schema<L>,
): Schema<readonly [{ readonly [I in keyof S]: Infer<S[I]> }, L | undefined]> {
  type Values = { readonly [I in keyof S]: Infer<S[I]> };
  const { length } = schemas;
  return {
    maxSize:
      schemas.reduce((sum, schema) => sum + schema.maxSize, headSize(length + 1)) + last.maxSize,
    write(writer, [values, end]) {
      assert(values.length === length, `not ${length} items`);
      writer.head(ARRAY, end === undefined ? length : length + 1);
      for (let i = 0; i < length; i++) (schemas[i] as AnySchema).write(writer, values[i]);
      if (end !== undefined) last.write(writer, end);
    },
    read(reader) {
      const count = readLength(reader, ARRAY, length, length + 1);
      const values: unknown[] = [];
      for (const schema of schemas) values.push(schema.read(reader));
      const end = count > length ? last.read(reader) : undefined;
      return [values as unknown as Values, end];
    },
  };
}

/** An item behind exactly this tag. */
export function tagged<T>(tag: number, schema: Schema<T>): Schema<T> {
  assert(isUint32(tag), `tag ${tag}`);
  return {
    maxSize: headSize(tag) + schema.maxSize,
    write(writer, value) {
      writer.head(TAG, tag);
      schema.write(writer, value);
    },
    read(reader) {
      const start = reader.pos;
      if (reader.head(TAG) !== tag) reader.fail("unexpected-type", start);
      return schema.read(reader);
    },
  };
}

/** A byte string that holds exactly one encoded item. */
export function bstrOf<T>(schema: Schema<T>): Schema<T> {
  const { maxSize } = schema;
  const widest = headSize(maxSize);
  return {
    maxSize: widest + maxSize,
    write(writer, value) {
      // The length is known only afterwards: write behind the widest head, then close the gap a shorter one leaves.
      const start = writer.pos;
      writer.pos = start + widest;
      schema.write(writer, value);
      const from = start + widest;
      const to = writer.pos;
      writer.pos = start;
      writer.head(BSTR, to - from);
      if (writer.pos < from) writer.bytes.copyWithin(writer.pos, from, to);
      writer.pos += to - from;
    },
    read(reader) {
      const length = readLength(reader, BSTR, 0, maxSize);
      reader.need(length);
      const outer = reader.end;
      reader.end = reader.pos + length;
      const value = schema.read(reader);
      if (reader.pos !== reader.end) reader.fail("trailing-bytes", reader.pos);
      reader.end = outer;
      return value;
    },
  };
}

/** One item of any shape, kept encoded: deterministic, at most `max` bytes and `depth` levels deep. */
export function raw(max: number, depth = 8): Schema<Uint8Array> {
  return {
    maxSize: max,
    write(writer, value) {
      assert(value.length <= max, `raw item over ${max} bytes`);
      const reader = new Reader(value);
      skipItem(reader, depth);
      assert(reader.pos === value.length, "more than one raw item");
      writer.put(value);
    },
    read(reader) {
      const start = reader.pos;
      skipItem(reader, depth);
      const length = reader.pos - start;
      if (length > max) reader.fail("too-large", start);
      reader.pos = start;
      return reader.take(length);
    },
  };
}

/**
 * Another type over the same bytes. `decode` gives undefined for what the type refuses (`code`, by default
 * `invalid-value`), and `encode` must be its exact inverse.
 */
export function mapped<A, B>(
  schema: Schema<A>,
  decode: (value: A) => B | undefined,
  encode: (value: NoInfer<B>) => NoInfer<A>,
  code: CodecErrorCode = "invalid-value",
): Schema<B> {
  return {
    maxSize: schema.maxSize,
    write: (writer, value) => schema.write(writer, encode(value)),
    read(reader) {
      const start = reader.pos;
      const value = decode(schema.read(reader));
      if (value === undefined) return reader.fail(code, start);
      return value;
    },
  };
}

/** The values of a schema that pass a test: brands, and rules between the fields of a map. */
export function refined<A, B extends A>(
  schema: Schema<A>,
  accepts: (value: A) => value is B,
  code?: CodecErrorCode,
): Schema<B>;
export function refined<A>(
  schema: Schema<A>,
  accepts: (value: A) => boolean,
  code?: CodecErrorCode,
): Schema<A>;
export function refined<A>(
  schema: Schema<A>,
  accepts: (value: A) => boolean,
  code: CodecErrorCode = "invalid-value",
): Schema<A> {
  return {
    maxSize: schema.maxSize,
    write(writer, value) {
      assert(accepts(value), `refused value (${code})`);
      schema.write(writer, value);
    },
    read(reader) {
      const start = reader.pos;
      const value = schema.read(reader);
      if (!accepts(value)) reader.fail(code, start);
      return value;
    },
  };
}
