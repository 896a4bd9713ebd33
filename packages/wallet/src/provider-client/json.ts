import { fromHex, parseAmount, parseCounter, type Amount, type Counter } from "@bezant/protocol";

/** Reads one JSON value; undefined for anything that is not what it should be. */
export type Reader<T> = (value: unknown) => T | undefined;
type Read<R> = R extends Reader<infer T> ? T : never;

/** An object with at least these members; others are for newer versions. */
export function object<const M extends Readonly<Record<string, Reader<unknown>>>>(
  members: M,
): Reader<{ readonly [N in keyof M]: Read<M[N]> }> {
  return (value) => {
    if (typeof value !== "object" || value === null) return undefined;
    const found: Record<string, unknown> = {};
    for (const [name, read] of Object.entries(members)) {
      const member = read((value as Readonly<Record<string, unknown>>)[name]);
      if (member === undefined) return undefined;
      found[name] = member;
    }
    return found as { readonly [N in keyof M]: Read<M[N]> };
  };
}

export function list<T>(item: Reader<T>, max: number): Reader<readonly T[]> {
  return (value) => {
    if (!Array.isArray(value) || value.length > max) return undefined;
    const items: T[] = [];
    for (const one of value) {
      const read = item(one);
      if (read === undefined) return undefined;
      items.push(read);
    }
    return items;
  };
}

/** The member, or what stands for one that is absent. */
export function orElse<T, U>(read: Reader<T>, absent: U): Reader<T | U> {
  return (value) => (value === undefined ? absent : read(value));
}

export const string: Reader<string> = (value) => (typeof value === "string" ? value : undefined);
export const boolean: Reader<boolean> = (value) => (typeof value === "boolean" ? value : undefined);

export function oneOf<const T extends string>(...known: readonly T[]): Reader<T> {
  return (value) => known.find((one) => one === value);
}

/** A string that is of a type. */
export function is<T extends string>(test: (value: unknown) => value is T): Reader<T> {
  return (value) => (test(value) ? value : undefined);
}

export function integer<T extends number>(test: (value: unknown) => value is T): Reader<T> {
  return (value) => (test(value) ? value : undefined);
}

export const hexBytes: Reader<Uint8Array> = (value) =>
  typeof value === "string" && /^(?:[0-9a-f]{2})*$/.test(value) ? fromHex(value) : undefined;

export const amount: Reader<Amount> = (value) => {
  const read = typeof value === "string" ? parseAmount(value) : undefined;
  return read?.ok === true ? read.value : undefined;
};

export const counter: Reader<Counter> = (value) => {
  const read = typeof value === "string" ? parseCounter(value) : undefined;
  return read?.ok === true ? read.value : undefined;
};

/** The value in a JSON text in UTF-8. */
export function readJson<T>(bytes: Uint8Array, read: Reader<T>): T | undefined {
  try {
    return read(JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes)));
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError) return undefined;
    throw error;
  }
}
