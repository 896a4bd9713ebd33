import { decode as cborDecode, encode as cborEncode, rfc8949EncodeOptions } from "cborg";
import fc from "fast-check";
import type { Entry, Grammar, Type } from "./cddl.ts";

/** CBOR as cborg sees it, with all integers as bigint: an implementation that shares nothing with ours. */
export type Value =
  | bigint
  | string
  | boolean
  | Uint8Array
  | readonly Value[]
  | ReadonlyMap<Value, Value>;

type Bound = { readonly type: Type; readonly scope: Scope };
type Scope = ReadonlyMap<string, Bound>;
const TOP: Scope = new Map();
const MAX_UINT = 2n ** 64n - 1n;

export function toBytes(value: Value): Uint8Array {
  return cborEncode(value, rfc8949EncodeOptions);
}

export function fromBytes(bytes: Uint8Array): Value | undefined {
  try {
    return normal(cborDecode(bytes, { useMaps: true }));
  } catch {
    return undefined;
  }
}

function normal(value: unknown): Value {
  if (typeof value === "number") return BigInt(value);
  if (Array.isArray(value)) return value.map(normal);
  if (value instanceof Map) return new Map([...value].map(([k, v]) => [normal(k), normal(v)]));
  return value as Value;
}

/** Whether a value is one of the rule's, and values of the rule, both from the grammar alone. */
export function interpret(grammar: Grammar): {
  readonly matches: (rule: string, value: Value) => boolean;
  readonly values: (rule: string) => fc.Arbitrary<Value>;
} {
  const resolve = (type: Type, scope: Scope): Bound | undefined => {
    if (type.kind !== "name") return { type, scope };
    const bound = scope.get(type.name);
    if (bound !== undefined) return resolve(bound.type, bound.scope);
    const rule = grammar.get(type.name);
    if (rule === undefined) return undefined;
    const inner = rule.parameters.map((parameter, i): [string, Bound] => {
      const argument = type.args[i];
      if (argument === undefined) throw new SyntaxError(`${type.name} wants ${parameter}`);
      return [parameter, { type: argument, scope }];
    });
    return resolve(rule.type, new Map(inner));
  };

  const matches = (type: Type, scope: Scope, value: Value): boolean => {
    const bound = resolve(type, scope);
    if (bound === undefined) return type.kind === "name" && matchesPrelude(type.name, value);
    const { type: known, scope: inner } = bound;
    switch (known.kind) {
      case "literal":
        return value === known.value;
      case "choice":
        return known.types.some((one) => matches(one, inner, value));
      case "control":
        return matches(known.on, inner, value) && controls(known, inner, value);
      case "array":
        return Array.isArray(value) && matchesArray(known.entries, inner, value);
      case "map":
        return value instanceof Map && matchesMap(known.entries, inner, value);
      case "name":
        throw new Error("resolved");
    }
  };
  const matchesArray = (
    entries: readonly Entry[],
    scope: Scope,
    items: readonly Value[],
  ): boolean => {
    const [only] = entries;
    if (only !== undefined && only.min < only.max) {
      const fits = only.min <= items.length && items.length <= only.max;
      return fits && items.every((item) => matches(only.type, scope, item));
    }
    const types = entries.flatMap(({ max, type }) => Array.from({ length: max }, () => type));
    return (
      types.length === items.length && types.every((t, i) => matches(t, scope, items[i] as Value))
    );
  };
  const matchesMap = (
    entries: readonly Entry[],
    scope: Scope,
    map: ReadonlyMap<Value, Value>,
  ): boolean => {
    const present = entries.filter(({ key }) => map.has(key as bigint));
    const complete = entries.every(({ min, key }) => min === 0 || map.has(key as bigint));
    const good = present.every(({ key, type }) =>
      matches(type, scope, map.get(key as bigint) as Value),
    );
    return complete && good && present.length === map.size;
  };
  const controls = (
    type: Extract<Type, { kind: "control" }>,
    scope: Scope,
    value: Value,
  ): boolean => {
    if (type.op === ".cbor") {
      const inner = value instanceof Uint8Array ? fromBytes(value) : undefined;
      return inner !== undefined && matches(type.by, scope, inner);
    }
    const by = literal(type.by);
    switch (type.op) {
      case ".le":
        return (value as bigint) <= (by as bigint);
      case ".ge":
        return (value as bigint) >= (by as bigint);
      case ".size":
        return typeof value === "bigint"
          ? value < 256n ** (by as bigint)
          : BigInt((value as Uint8Array).length) === by;
      case ".regexp":
        return new RegExp(`^(?:${String(by)})$`, "u").test(value as string);
      default:
        throw new SyntaxError(`unknown control ${type.op}`);
    }
  };

  const values = (type: Type, scope: Scope): fc.Arbitrary<Value> => {
    const bound = resolve(type, scope);
    if (bound === undefined) return prelude((type as { name: string }).name);
    const { type: known, scope: inner } = bound;
    switch (known.kind) {
      case "literal":
        return fc.constant(known.value);
      case "choice":
        return fc.oneof(...known.types.map((one) => values(one, inner)));
      case "control":
        return controlled(known, inner);
      case "array": {
        const [only] = known.entries;
        if (only !== undefined && only.min < only.max) {
          const [minLength, maxLength] = [only.min, Math.min(only.max, only.min + 6)];
          return fc.array(values(only.type, inner), { minLength, maxLength });
        }
        return fc.tuple(
          ...known.entries.flatMap(({ max, type: item }) =>
            Array.from({ length: max }, () => values(item, inner)),
          ),
        );
      }
      case "map":
        return fc
          .tuple(
            ...known.entries.map(({ min, key, type: item }) => {
              const pair = values(item, inner).map((value): [Value, Value] => [
                key as bigint,
                value,
              ]);
              return min === 0 ? fc.option(pair, { nil: undefined }) : pair;
            }),
          )
          .map((pairs) => new Map(pairs.filter((pair) => pair !== undefined)));
      case "name":
        throw new Error("resolved");
    }
  };
  const controlled = (
    type: Extract<Type, { kind: "control" }>,
    scope: Scope,
  ): fc.Arbitrary<Value> => {
    if (type.op === ".cbor") return values(type.by, scope).map(toBytes);
    const by = literal(type.by);
    if (type.op === ".regexp") return fc.stringMatching(new RegExp(`^(?:${String(by)})$`));
    const base = resolve(type.on, scope);
    if (base === undefined && (type.on as { name: string }).name === "bytes") {
      const length = Number(by);
      return fc.uint8Array({ minLength: length, maxLength: length });
    }
    const [min, max] = range(type, scope);
    return fc.oneof(fc.bigInt({ min, max }), fc.constantFrom(min, max));
  };
  const range = (type: Type, scope: Scope): readonly [bigint, bigint] => {
    const bound = resolve(type, scope);
    if (bound?.type.kind !== "control") return [0n, MAX_UINT];
    const { op, on, by } = bound.type;
    const [min, max] = range(on, bound.scope);
    const limit = literal(by) as bigint;
    if (op === ".ge") return [limit, max];
    return [min, op === ".le" ? limit : 256n ** limit - 1n];
  };

  return {
    matches: (rule, value) => matches({ kind: "name", name: rule, args: [] }, TOP, value),
    values: (rule) => values({ kind: "name", name: rule, args: [] }, TOP),
  };
}

function literal(type: Type): bigint | string {
  if (type.kind !== "literal") throw new SyntaxError("a control wants a literal here");
  return type.value;
}

function matchesPrelude(name: string, value: Value): boolean {
  switch (name) {
    case "uint":
      return typeof value === "bigint" && value >= 0n && value <= MAX_UINT;
    case "bytes":
      return value instanceof Uint8Array;
    case "text":
      return typeof value === "string";
    case "bool":
      return typeof value === "boolean";
    default:
      throw new SyntaxError(`no rule ${name}`);
  }
}

function prelude(name: string): fc.Arbitrary<Value> {
  switch (name) {
    case "uint":
      return fc.bigInt({ min: 0n, max: MAX_UINT });
    case "bytes":
      return fc.uint8Array({ maxLength: 32 });
    case "bool":
      return fc.boolean();
    default:
      throw new SyntaxError(`no rule ${name}`);
  }
}
