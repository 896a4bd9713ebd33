import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { PLANTS, QUICK } from "../src/simulation/plants/list.ts";
import { medianSteps, tryPlants } from "../src/simulation/plants/try-plants.ts";

const ROOT = join(import.meta.dirname, "..", "..", "..");
const BOUNDS = { steps: 300, budget: 12_000 };
const MINUTES = 10 * 60_000;

describe("the list of faults to plant", () => {
  it("has at least 25, each with a name of its own, most of them to be found soon", () => {
    expect(PLANTS.length).toBeGreaterThanOrEqual(25);
    expect(QUICK.size).toBeGreaterThanOrEqual(25);
    expect(new Set(PLANTS.map(({ name }) => name)).size).toBe(PLANTS.length);
  });

  it.each(PLANTS)("$name: stands in the source exactly once", ({ edits }) => {
    for (const { file, find, replace } of edits) {
      expect(readFileSync(join(ROOT, file), "utf8").split(find)).toHaveLength(2);
      expect(replace).not.toBe(find);
    }
  });
});

it(
  "the simulation finds every quick fault that is planted, and none of them in sound code",
  async () => {
    const quick = PLANTS.flatMap(({ name }, number) => (QUICK.has(name) ? [number] : []));
    expect(quick).toHaveLength(QUICK.size);
    const tried = await tryPlants(quick, BOUNDS);
    const missed = tried.filter(({ found }) => found === undefined);
    expect(missed.map(({ plant, error }) => ({ name: plant.name, error }))).toEqual([]);
    expect(tried).toHaveLength(QUICK.size);
    process.stdout.write(
      `${tried.length} faults found, the median after ${medianSteps(tried)} steps\n`,
    );
  },
  MINUTES,
);
