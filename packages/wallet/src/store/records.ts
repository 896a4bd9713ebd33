import { concatBytes, decode, encode, equalBytes, sha256, type Schema } from "@bezant/protocol";
import { StoreFault, type Change, type Store } from "./store.ts";

/** One kind of record: its name in the store, and what its values look like. */
export type Kind<T> = { readonly name: string; readonly schema: Schema<T> };

export function kind<T>(name: string, schema: Schema<T>): Kind<T> {
  return { name, schema };
}

/** To be written with the others of its commit. */
export function put<T>({ name, schema }: Kind<T>, key: string, value: NoInfer<T>): Change {
  const content = encode(schema, value);
  return { kind: name, key, value: concatBytes(digest(name, key, content), content) };
}

export function remove({ name }: { readonly name: string }, key: string): Change {
  return { kind: name, key, value: undefined };
}

export type Entry<T> = { readonly key: string; readonly value: T };

/** Typed records over a store. What is read back is checked against its digest and its schema. */
export class Records {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  async get<T>(of: Kind<T>, key: string): Promise<T | undefined> {
    const value = await this.#store.get(of.name, key);
    return value === undefined ? undefined : read(of, key, value);
  }

  async list<T>(of: Kind<T>, prefix?: string): Promise<readonly Entry<T>[]> {
    const rows = await this.#store.list(of.name, prefix);
    return rows.map(({ key, value }) => ({ key, value: read(of, key, value) }));
  }

  async commit(...changes: readonly Change[]): Promise<void> {
    if (changes.length > 0) await this.#store.commit(changes);
  }

  close(): Promise<void> {
    return this.#store.close();
  }
}

const DIGEST = 8;

/** Finds damage, not forgery: whoever can write the store can write this, too. */
function digest(name: string, key: string, content: Uint8Array): Uint8Array {
  const place = new TextEncoder().encode(`${name}\0${key}\0`);
  return sha256(concatBytes(place, content)).subarray(0, DIGEST);
}

function read<T>({ name, schema }: Kind<T>, key: string, value: Uint8Array): T {
  const content = value.subarray(DIGEST);
  if (!equalBytes(value.subarray(0, DIGEST), digest(name, key, content))) {
    throw new StoreFault("store-corrupt", `the record ${name} ${key} is damaged`);
  }
  const decoded = decode(schema, content);
  if (decoded.ok) return decoded.value;
  throw new StoreFault("store-corrupt", `the record ${name} ${key}: ${decoded.error.code}`);
}
