import { map, type Fields, type Flat, type MapOf } from "./map.ts";
import { ARRAY, MAP } from "./reader.ts";
import { assert } from "./assert.ts";
import { named, readInt } from "./integers.ts";
import { readLength } from "./strings.ts";
import type { AnySchema, Infer, Schema } from "./schema.ts";
import { headSize } from "./writer.ts";

type MapCases = Readonly<Record<string, readonly [number, Fields]>>;

/** One of several maps, told apart by a field that holds the case's name. */
export type Variants<K extends string, C extends MapCases> = {
  [N in keyof C & string]: Flat<{ readonly [_ in K]: N } & MapOf<C[N][1]>>;
}[keyof C & string];

/**
 * Maps that share a first key, whose integer says which one it is: `variants("kind", 1, { collected: [0, { r: [2, u32] }],
 * void: [1, { … }] })` holds `{ kind: "collected", r: 7 }`. The key must come first in bytewise order.
 */
export function variants<const K extends string, const C extends MapCases>(
  name: K,
  key: number,
  cases: C,
): Schema<Variants<K, C>> {
  const byName = new Map<string, AnySchema>();
  const byNumber = new Map<number, AnySchema>();
  for (const [caseName, [number, fields]] of Object.entries(cases)) {
    const others = Object.values(fields).map(([other]) => other);
    assert(
      key >= 0 && others.every((other) => other < 0 || other > key),
      `variants: key ${key} is not the first of ${caseName}`,
    );
    assert(!Object.hasOwn(fields, name) && !byNumber.has(number), `variants: ${caseName} twice`);
    const schema: AnySchema = map({ [name]: [key, named({ [caseName]: number })], ...fields });
    byName.set(caseName, schema);
    byNumber.set(number, schema);
  }
  return {
    maxSize: Math.max(...[...byName.values()].map(({ maxSize }) => maxSize)),
    write(writer, value) {
      const caseName = (value as Readonly<Record<string, string>>)[name] as string;
      const schema = byName.get(caseName);
      assert(schema !== undefined, `no variant ${caseName}`);
      schema.write(writer, value);
    },
    read(reader) {
      const start = reader.pos;
      if (reader.head(MAP) === 0 || readInt(reader) !== key) reader.fail("missing-key", start);
      const at = reader.pos;
      const schema = byNumber.get(readInt(reader));
      if (schema === undefined) return reader.fail("out-of-range", at);
      reader.pos = start;
      return schema.read(reader) as Variants<K, C>;
    },
  };
}

type Cases = Readonly<Record<string, readonly [number, AnySchema]>>;

/**
 * An array of an integer and what the integer stands for: `choice({ done: [0, bytes(4)], refused: [1, text(32)] })`
 * holds `{ kind: "done", value: … }`.
 */
export function choice<const C extends Cases>(
  cases: C,
): Schema<
  { [N in keyof C & string]: { readonly kind: N; readonly value: Infer<C[N][1]> } }[keyof C &
    string]
> {
  type Value = {
    [N in keyof C & string]: { readonly kind: N; readonly value: Infer<C[N][1]> };
  }[keyof C & string];
  const kinds = named(
    Object.fromEntries(Object.entries(cases).map(([name, [number]]) => [name, number])),
  );
  const schemas = Object.values(cases).map(([, schema]) => schema);
  return {
    maxSize: headSize(2) + kinds.maxSize + Math.max(...schemas.map(({ maxSize }) => maxSize)),
    write(writer, { kind, value }) {
      writer.head(ARRAY, 2);
      kinds.write(writer, kind);
      (cases[kind] as C[string])[1].write(writer, value);
    },
    read(reader) {
      readLength(reader, ARRAY, 2, 2);
      const kind = kinds.read(reader);
      const value: unknown = (cases[kind] as C[string])[1].read(reader);
      return { kind, value } as Value;
    },
  };
}
