// By which seed each fault was found, so that a test need not search for it again: `npm run simulate -- --plants --record`.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Recorded, Tried } from "./try-plants.ts";

export const RECORDED = fileURLToPath(new URL("./recorded.json", import.meta.url));

/** Worlds as small as they can be; the slowest fault that is recorded was found after some twelve thousand steps. */
export const TRIAL = { steps: 500, budget: 30_000 } as const;

export function readRecord(): Recorded {
  return JSON.parse(readFileSync(RECORDED, "utf8")) as Recorded;
}

/** In the order of the names, whatever was found first. */
export function printRecord(tried: readonly Tried[]): string {
  const entries = tried.flatMap(({ plant, found }) => {
    if (found === undefined) return [];
    const { seed, step, steps, property } = found;
    return [[plant.name, { seed, step, steps, property }] as const];
  });
  return `${JSON.stringify(Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1))), undefined, 2)}\n`;
}
