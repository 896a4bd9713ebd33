import { toHex } from "@bezant/protocol";
import { encodeState } from "../../src/reference/index.ts";
import type { Agent } from "./agent.ts";
import { forged } from "./forge-steps.ts";
import { enrol, rare, renew } from "./life-steps.ts";
import { daily, type Rest, type Step } from "./wallet-steps.ts";
import { worldStep } from "./world-steps.ts";
import type { World } from "./world.ts";

const steps = [...daily, ...rare, ...forged];
const total = steps.reduce((sum, [weight]) => sum + weight, 0);

/** Lets everybody act, in any order, until so many more commands have been run. */
export function run(world: World, commands: number): void {
  const { random } = world;
  const end = world.commands + commands;
  const begun: Rest[] = [];
  while (world.commands < end) {
    worldStep(world);
    if (begun.length > 0 && random.chance(0.4)) {
      const at = random.below(begun.length);
      if (begun[at]!.next().done === true) begun.splice(at, 1);
      continue;
    }
    const agent = random.pick(world.agents);
    if (isStuck(world, agent)) world.replaceDevice(agent);
    const rest = nextStep(world, agent)(world, agent);
    if (rest !== undefined) begun.push(rest);
  }
}

/** Nobody certifies a TA with another anchor; and one full of all the money there is does little any more. */
function isStuck(world: World, { state }: Agent): boolean {
  const isForeign = state.phase === "initialised" && state.anchor !== toHex(world.bank.anchor);
  return isForeign || (state.balance > 1n << 63n && world.random.chance(0.02));
}

function nextStep({ random, time }: World, { state }: Agent): Step {
  const { phase, exp } = state;
  if (phase !== "active" && random.chance(0.6)) return enrol;
  if (Math.max(time, state.time) > exp && random.chance(0.2)) return renew;
  let left = (random.next() / 0x1_0000_0000) * total;
  for (const [weight, step] of steps) {
    left -= weight;
    if (left < 0) return step;
  }
  return enrol;
}

const MAX_U32 = 0xffff_ffff;
const MAX_U64 = 0xffff_ffff_ffff_ffffn;

/** The certificate of the provider's key that a TA knows ends a second ago, by the TA's own time. */
export function endProviderKey(agent: Agent): void {
  const { state } = agent;
  agent.twin.install(encodeState({ ...state, providerExp: Math.max(0, state.time - 1) }));
}

/** Makes a TA as old as four thousand million commands of each kind would. */
export function ageCounters(agent: Agent): void {
  const { state } = agent;
  const counters = { d: MAX_U32, w: MAX_U32 - 2, j: MAX_U32 - 1, r: MAX_U32 - 4 };
  agent.twin.install(encodeState({ ...state, ...counters }));
  const account = agent.provider.account(state.id);
  if (account !== undefined) account.w = counters.w;
}

/** Lets all the money that 64 bits can count pass through a TA, in and out; `last` is where it ends one short. */
export function ageTotals(agent: Agent, last: "withdrawn" | "paid"): void {
  const { state } = agent;
  const short = MAX_U64 - 1n;
  const rest = MAX_U64 + 1n - state.balance;
  const out =
    last === "withdrawn" ? { withdrawn: short, paid: rest } : { withdrawn: rest, paid: short };
  const totals = { deposited: MAX_U64, collected: MAX_U64, ...out };
  agent.twin.install(encodeState({ ...state, ...totals }));
}
