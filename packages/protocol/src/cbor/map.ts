import { compareBytes } from "../bytes.ts";
import { MAP, type Reader } from "./reader.ts";
import { assert } from "./assert.ts";
import { readInt, writeInt } from "./integers.ts";
import type { AnySchema, Infer, Schema } from "./schema.ts";
import { headSize, Writer } from "./writer.ts";

/** A map entry that may be absent; absent is the only way to say so (no null, no undefined). */
export type Optional<S extends AnySchema> = { readonly optional: S };
export type Field = readonly [key: number, schema: AnySchema | Optional<AnySchema>];
export type Fields = Readonly<Record<string, Field>>;

type OptionalNames<F extends Fields> = {
  [N in keyof F]: F[N][1] extends Optional<AnySchema> ? N : never;
}[keyof F];
export type Flat<T> = { [K in keyof T]: T[K] };

/** What a map with these fields holds. */
export type MapOf<F extends Fields> = Flat<
  { readonly [N in Exclude<keyof F, OptionalNames<F>>]: Infer<F[N][1]> } & {
    readonly [N in OptionalNames<F>]?: F[N][1] extends Optional<infer S> ? Infer<S> : never;
  }
>;

export function optional<S extends AnySchema>(schema: S): Optional<S> {
  return { optional: schema };
}

type Entry = {
  readonly name: string;
  readonly number: number;
  readonly key: Uint8Array;
  readonly schema: AnySchema;
  readonly required: boolean;
};

/**
 * A map with integer keys: `map({ x: [1, uint()], note: [-1, optional(text(20))] })`. Keys may be given in any order
 * and are written in bytewise order (RFC 8949 §4.2.1); keys not named here are refused.
 */
export function map<const F extends Fields>(fields: F): Schema<MapOf<F>> {
  const entries = sortedEntries(fields);
  const requiredCount = entries.filter((entry) => entry.required).length;
  const contents = entries.reduce((sum, { key, schema }) => sum + key.length + schema.maxSize, 0);
  return {
    maxSize: headSize(entries.length) + contents,
    write: (writer, value) => writeMap(writer, entries, requiredCount, value),
    read: (reader) => readMap(reader, entries) as MapOf<F>,
  };
}

function writeMap(
  writer: Writer,
  entries: readonly Entry[],
  requiredCount: number,
  value: Readonly<Record<string, unknown>>,
): void {
  let count = requiredCount;
  if (count < entries.length) {
    for (const entry of entries) if (!entry.required && value[entry.name] !== undefined) count += 1;
  }
  writer.head(MAP, count);
  for (const { name, key, schema, required } of entries) {
    const field = value[name];
    if (field === undefined) {
      assert(!required, `field ${name} is missing`);
      continue;
    }
    if (key.length === 1) writer.byte(key[0] as number);
    else writer.put(key);
    schema.write(writer, field);
  }
}

function readMap(reader: Reader, entries: readonly Entry[]): Record<string, unknown> {
  const start = reader.pos;
  const count = reader.head(MAP);
  const value: Record<string, unknown> = {};
  let next = 0;
  let missing = false;
  for (let i = 0; i < count; i++) {
    const index = findEntry(reader, entries, next);
    for (; next < index; next++) missing ||= (entries[next] as Entry).required;
    const { name, schema } = entries[index] as Entry;
    value[name] = schema.read(reader);
    next = index + 1;
  }
  for (; next < entries.length; next++) missing ||= (entries[next] as Entry).required;
  if (missing) reader.fail("missing-key", start);
  return value;
}

/** Consumes a key and gives the index of its entry, which is `from` or later: earlier ones are behind in key order. */
function findEntry(reader: Reader, entries: readonly Entry[], from: number): number {
  const start = reader.pos;
  const first = reader.peek();
  for (let index = from; index < entries.length; index++) {
    const { key } = entries[index] as Entry;
    if (key[0] === first && (key.length === 1 || startsWith(reader, key))) {
      reader.pos += key.length;
      return index;
    }
  }
  const number = readInt(reader);
  const index = entries.findIndex((entry) => entry.number === number);
  if (index < 0) return reader.fail("unknown-key", start);
  return reader.fail(index === from - 1 ? "duplicate-key" : "unsorted-keys", start);
}

function startsWith(reader: Reader, key: Uint8Array): boolean {
  if (reader.end - reader.pos < key.length) return false;
  for (let i = 1; i < key.length; i++) if (reader.bytes[reader.pos + i] !== key[i]) return false;
  return true;
}

function sortedEntries(fields: Fields): Entry[] {
  const entries = Object.entries(fields).map(([name, [number, field]]): Entry => {
    const required = !("optional" in field);
    return {
      name,
      number,
      key: encodeKey(number),
      schema: required ? field : field.optional,
      required,
    };
  });
  entries.sort((a, b) => compareBytes(a.key, b.key));
  assert(
    new Set(entries.map(({ number }) => number)).size === entries.length,
    "two fields with one key",
  );
  return entries;
}

function encodeKey(number: number): Uint8Array {
  assert(Number.isInteger(number) && Math.abs(number) <= 0x7fff_ffff, `map key ${number}`);
  const writer = new Writer(5);
  writeInt(writer, number);
  return writer.bytes.slice(0, writer.pos);
}
