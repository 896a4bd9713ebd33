import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { HEAL } from "../src/simulation/actions/index.ts";
import { parseScript, printScript } from "../src/simulation/script.ts";
import { Arena } from "../src/simulation/simulation.ts";

let arena: Arena;
beforeAll(async () => {
  arena = await Arena.open(2);
});
afterAll(() => arena.close());

describe("a whole network under an adversary", () => {
  it.each(["1", "2", "3", "noon"])("keeps every promise, seed %s", async (seed) => {
    const report = await arena.simulate({ seed, steps: 1000, healEvery: 500 });
    expect(report.violation).toBeUndefined();
    expect(report).toMatchObject({ seed, signatures: "stub", steps: 1000, violations: 0 });
    expect(report.crashes).toBeGreaterThan(0);
    expect(report.payments).toBeGreaterThan(0);
  });

  it("keeps them with real signatures", async () => {
    const report = await arena.simulate({ seed: "real", steps: 200, mode: "real" });
    expect(report.violation).toBeUndefined();
    expect(report).toMatchObject({ signatures: "real", steps: 200 });
  });
});

const SMALL = { steps: 0, devices: 2, merchants: 0 };
const script = (...actions: readonly (readonly [name: string, n: number, v?: number])[]) =>
  actions.map(([name, n, v = 0], chance) => ({ do: name, u: 0, v, n, chance }));

describe("what a long run has found", () => {
  it("night/180: the flash that was taken out is no longer the newest once the device has written", async () => {
    const found = script(
      ["copyFlash", 0],
      ["restoreFlash", 0],
      ["request", 0],
      ["request", 0],
      ["request", 0],
      ["newestFlash", 0],
      [HEAL, 0],
    );
    const report = await arena.simulate({ ...SMALL, seed: "night/180", script: found });
    expect(report).toMatchObject({ steps: 6, violations: 0 });
  });

  it("of a payment over which a wallet died, and which malware gave the provider before it looked, the payee tells", async () => {
    const found = [
      { do: "request", u: 2, v: 0, n: 5, chance: 0 },
      { do: "crashAtCommit", u: 0, v: 0, n: 1, chance: 1 },
      { do: "repeatMessage", u: 0, v: 0, n: 0, chance: 2 },
      { do: "hear", u: 0, v: 0, n: 0, chance: 3 },
      { do: "bringSync", u: 0, v: 0, n: 0, chance: 4 },
    ];
    const world = { steps: 0, devices: 3, merchants: 0, seed: "sync 30" };
    const report = await arena.simulate({ ...world, script: found });
    expect(report).toMatchObject({ steps: 5, violations: 0 });
  });
});

describe("a simulation", () => {
  it.each(["stub", "real"] as const)("is the same for the same seed (%s)", async (mode) => {
    const run = () => arena.simulate({ seed: "again", steps: 150, mode });
    const [first, second] = [await run(), await run()];
    expect(second).toEqual(first);
    const other = await arena.simulate({ seed: "another", steps: 150, mode });
    expect(other.trace).not.toBe(first.trace);
  });

  it("is the same from the script of its actions", async () => {
    const first = await arena.simulate({ seed: "script", steps: 150 });
    const text = printScript({ seed: "script", providers: 2 }, first.actions);
    const again = await arena.simulate({ ...parseScript(text), steps: 0 });
    expect(again).toEqual(first);
  });

  it.each([
    ["{}", /no seed/],
    ['{"seed":"1","providers":1}\n{"do":"steal"}', /no action/],
    ['{"seed":"1","providers":1}\n{"do":"hear","u":1,"v":1,"n":0.5,"chance":1}', /no action/],
  ])("refuses what is no script: %s", (text, why) => {
    expect(() => parseScript(text)).toThrow(why);
  });
});
