import { describe, expect, it } from "vitest";
import { HELP, readFlags } from "../src/simulation/flags.ts";
import { runWorlds } from "../src/simulation/long-run/run-worlds.ts";
import { totalsOf, worldsOf } from "../src/simulation/long-run/totals.ts";

const RUN = { seed: "long", steps: 40, healEvery: 20 } as const;
const never = new AbortController().signal;

function run(jobs: number, signal = never) {
  const onProgress = (): void => undefined;
  return runWorlds(RUN, { providers: 1, worldSteps: 20, jobs, signal, onProgress });
}

describe("a run of many worlds", () => {
  it("gives each a seed of its own, the first the run's", () => {
    const worlds = worldsOf({ seed: "7", steps: 25 }, 10);
    expect(worlds.map(({ seed, steps }) => [seed, steps])).toEqual([
      ["7", 10],
      ["7/2", 10],
      ["7/3", 5],
    ]);
  });

  it("is the same however many go on at once", async () => {
    const one = await run(1);
    expect(one).toMatchObject({ worlds: 2, steps: 40, violations: 0 });
    expect(await run(2)).toEqual(one);
  });

  it("ends in good order when it is stopped", async () => {
    const stopped = await run(1, AbortSignal.abort());
    expect(stopped).toMatchObject({ worlds: 0, steps: 0, violations: 0 });
  });

  it("names the seed of the world that failed", () => {
    const world = { signatures: "stub", messages: 1, crashes: 0, payments: 2, trace: "" } as const;
    const violation = { property: "exactly once", step: 4, detail: "" } as const;
    const good = { ...world, seed: "7", steps: 10, violations: 0 };
    const bad = { ...world, seed: "7/2", steps: 4, violations: 1, violation };
    const reports = new Map([
      [1, bad],
      [0, good],
    ]);
    const totals = totalsOf({ seed: "7", steps: 20 }, reports);
    expect(totals).toMatchObject({ steps: 14, violations: 1, violation: { seed: "7/2", step: 4 } });
  });
});

describe("the command line of the simulation", () => {
  it.each([
    [["--steps", "many"], /a number/],
    [["--steps", "-5"], /argument|ambiguous/],
    [["--steps", "1e9"], /a number/],
    [["--jobs", "0"], /--jobs/],
    [["--world", "0"], /--world/],
    [["--providers", "5"], /--providers/],
    [["--devices", "1"], /--devices/],
    [["--signatures", "none"], /--signatures/],
    [["--script", "/no/such/file"], /ENOENT/],
    [["--unknown"], /unknown/i],
    [["--help"], /npm run simulate/],
  ])("says what is wrong with %s", (args, why) => {
    expect(readFlags(args)).toMatch(why);
  });

  it("understands its own example", () => {
    const [, example = ""] = HELP.split("\n")[1]?.split("-- ") ?? [];
    expect(readFlags(example.split(" "))).toMatchObject({
      options: { seed: "night", steps: 1_000_000, healEvery: 2000 },
      jobs: 2,
      json: true,
    });
  });
});
