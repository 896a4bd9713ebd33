import process from "node:process";
import { describe, expect, it } from "vitest";
import { COMMANDS, STATUSES } from "../../src/commands.ts";
import type { Agent } from "./agent.ts";
import { PATHS } from "./paths.ts";
import { ageCounters, ageTotals, endProviderKey, run } from "./run.ts";
import { World } from "./world.ts";

// The measured TA and the reference get the same commands. After each: the same status, output, use of randomness and
// state, byte for byte, and money conserved. Every signature is real; what two TAs ask alike is computed once
// (world/crypto.ts), which also makes their signatures, and so their outputs, comparable.
//
// BEZANT_SEED=n runs one seed alone; BEZANT_COMMANDS=n runs so many commands of it.

const chosen = process.env["BEZANT_SEED"];
const seeds = chosen === undefined ? [1, 2, 3, 4] : [Number(chosen)];
const commands = Number(process.env["BEZANT_COMMANDS"] ?? 26_000);

describe("the Wasm TA and the reference", () => {
  const reached = new Set<string>();
  const taken = new Set<string>();

  it.each(seeds)("answer alike and conserve money whatever happens, seed %i", (seed) => {
    const world = new World(seed);
    replayable(seed, world, () => run(world, commands));
    expect(world.commands).toBeGreaterThanOrEqual(commands);
    for (const answer of world.answers.keys()) reached.add(answer);
    for (const path of world.paths.keys()) taken.add(path);
    // Two of five commands go through, or the checks behind them would hardly be tried.
    const accepted = [...world.answers].filter(([answer]) => answer.endsWith(": ok"));
    const share = accepted.reduce((sum, [, times]) => sum + times, 0) / world.commands;
    expect(share).toBeGreaterThan(0.38);
  });

  it("answer alike where counters and totals end", () => {
    const world = new World(1_001);
    replayable(1_001, world, () => {
      run(world, 500);
      const byWealth = world.agents.toSorted((a, b) => Number(b.state.balance - a.state.balance));
      const [first, second, ...others] = byWealth as [Agent, Agent, ...Agent[]];
      ageTotals(first, "withdrawn");
      ageTotals(second, "paid");
      for (const agent of others) ageCounters(agent);
      run(world, 4_000);
    });
    for (const answer of world.answers.keys()) reached.add(answer);
    expect([...world.answers.keys()]).toEqual(
      expect.arrayContaining([
        "ReserveDeposit: counter-exhausted",
        "RequestPayment: counter-exhausted",
        "Pay: counter-exhausted",
        "Withdraw: counter-exhausted",
        "Deposit: overflow",
        "Collect: overflow",
        "Pay: overflow",
        "Withdraw: overflow",
      ]),
    );
  });

  it("answer alike once the known key of home has ended", () => {
    const world = new World(1_002);
    replayable(1_002, world, () => {
      run(world, 500);
      for (const agent of world.agents) endProviderKey(agent);
      run(world, 700);
    });
    for (const path of world.paths.keys()) taken.add(path);
    expect(taken).toContain("a message of home after the end of the known key's certificate");
  });

  it.skipIf(chosen !== undefined)("have accepted every command, and given every answer", () => {
    const given = new Set([...reached].map((answer) => answer.split(": ")[1]));
    expect(STATUSES.filter((status) => !given.has(status))).toEqual([]);
    const names = Object.keys(COMMANDS);
    expect(names.filter((name) => !reached.has(`${name}: ok`))).toEqual([]);
    expect(PATHS.filter((path) => !taken.has(path))).toEqual([]);
  });
});

/** Says in which seed and at which command it went wrong. */
function replayable(seed: number, world: World, act: () => void): void {
  try {
    act();
  } catch (error) {
    throw new Error(`seed ${seed}, command ${world.commands + 1}: BEZANT_SEED=${seed}`, {
      cause: error,
    });
  }
}
