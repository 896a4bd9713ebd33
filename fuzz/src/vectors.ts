import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import * as protocol from "@bezant/protocol";
import { fromHex, type Message } from "@bezant/protocol";

const folder = join(import.meta.dirname, "../../vectors");

/** A file of the vectors; what it holds is only looked at, never trusted to have a form. */
export function vectors<T>(file: string): readonly T[] {
  return JSON.parse(readFileSync(join(folder, file), "utf8")) as T[];
}

export interface Example {
  readonly name: string;
  readonly message: string;
  readonly signer: string;
  readonly payloadBytes: string;
  readonly bytes: string;
}

export const examples = vectors<Example>("messages.json");

/** Every byte string of the vectors that is longer than a key, valid or not. */
export const corpus: readonly Uint8Array[] = corpusOf();

/** Every kind of message that the protocol has, whoever defines the next one. */
export const kinds: readonly Message<unknown>[] = (Object.values(protocol) as unknown[]).filter(
  (value): value is Message<unknown> =>
    typeof value === "object" && value !== null && "typ" in value && "parse" in value,
);

/** A named example's bytes. */
export function example(name: string): Uint8Array {
  const found = examples.find((it) => it.name === name);
  if (found === undefined) throw new Error(`the vectors have no ${name}`);
  return fromHex(found.bytes);
}

function corpusOf(): Uint8Array[] {
  const found = new Set<string>();
  const visit = (value: unknown): void => {
    if (typeof value === "string") {
      if (/^(?:[0-9a-f]{2}){34,}$/.test(value)) found.add(value);
    } else if (typeof value === "object" && value !== null) Object.values(value).forEach(visit);
  };
  for (const file of readdirSync(folder).toSorted()) {
    if (file.endsWith(".json")) vectors(file).forEach(visit);
  }
  return [...found].map(fromHex);
}
