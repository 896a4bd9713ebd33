import { counter, field, map, type Counter } from "@bezant/protocol";
import { kind, put } from "../store/records.ts";
import type { Change } from "../store/store.ts";
import type { Core } from "./core.ts";

const SEQUENCE = kind("sequence", map({ last: [1, field.counter] }));

/** The next number of a sequence; it is used up by the change, which belongs into the commit of what it numbers. */
export async function nextNumber(
  { records }: Core,
  name: string,
): Promise<{ readonly number: Counter; readonly change: Change }> {
  const number = counter(((await records.get(SEQUENCE, name))?.last ?? 0) + 1);
  return { number, change: put(SEQUENCE, name, { last: number }) };
}

/** A number as part of a key, so that the store's order is the order of numbers. */
export function padded(number: number): string {
  return number.toString().padStart(10, "0");
}
