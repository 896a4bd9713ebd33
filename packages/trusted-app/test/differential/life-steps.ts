import {
  amount,
  counter,
  institutionId,
  parseCertificate,
  seconds,
  syncRequest,
  unwrap,
} from "@bezant/protocol";
import type { Input } from "../../src/commands.ts";
import { DAY, START } from "../world/institutions.ts";
import type { Agent } from "./agent.ts";
import { somePins } from "./status.ts";
import { ask, type Rest, type Step } from "./wallet-steps.ts";
import type { World } from "./world.ts";

/** From a blank device to a TA in business. */
export function* enrol(world: World, agent: Agent): Rest {
  ask(world, agent, "Init", { anchor: world.bank.anchor });
  yield;
  attest(world, agent);
  yield;
  register(world, agent);
  // Before there is money in it, or the PIN has to wait for an unlocking.
  if (world.random.chance(0.7)) ask(world, agent, "SetPin", { pin: agent.pin });
}

const attest: Step = (world, agent) => {
  const audience = institutionId(world.random.pick(["alpha", "beta", "x"]));
  ask(world, agent, "Attest", { audience, nonce: world.random.bytes(16) });
};

const register: Step = (world, agent) => {
  if (agent.state.phase !== "initialised") return;
  agent.provider.open(agent.id, agent.profile);
  ask(world, agent, "CertInit", certification(world, agent));
};

export const renew: Step = (world, agent) => {
  ask(world, agent, "Renew", certification(world, agent));
};

/** What the provider gives: good for some months, so that certificates do run out. */
function certification(world: World, agent: Agent): Input<"CertInit"> {
  const { random, bank } = world;
  const time = Math.max(world.time, agent.state.time);
  const { id, vk } = agent.state;
  const { limits } = agent.provider.account(id) ?? { limits: agent.profile };
  const provider = random.pick(agent.provider.keys);
  const end = unwrap(parseCertificate(provider.chain[0])).claims.exp;
  const exp = Math.min(time + random.between(30, 900) * DAY, START + 3_600 * DAY, end);
  return {
    certificate: bank.taCertificate(provider, vk, limits, { exp: seconds(exp) }),
    chain: provider.chain,
    limitsProfile: bank.limitsFor(id, provider, limits),
  };
}

/** Empties the TA, retires it, and begins again with a new instance. */
function* startAgain(world: World, agent: Agent): Rest {
  for (const { r } of agent.state.requests) {
    ask(world, agent, "CancelRequest", { r: counter(r) });
    yield;
  }
  // Twice: withdrawals that were not acknowledged leave no room for the last one.
  for (let i = 0; i < 2; i++) {
    yield* settleUp(world, agent);
    const { balance } = agent.state;
    const message =
      balance === 0n ? undefined : ask(world, agent, "Withdraw", { amount: amount(balance) });
    if (message !== undefined) agent.provider.credit(agent.id, message);
    yield;
  }
  yield* settleUp(world, agent);
  const { id, d } = agent.state;
  ask(world, agent, "Retire", {});
  if (agent.state.phase !== "retired") return;
  if (world.random.chance(0.5)) ask(world, agent, "Retire", {});
  agent.provider.close(id, d);
  yield;
  yield* enrol(world, agent);
}

/** A sync after which the provider has everything. */
function* settleUp(world: World, agent: Agent): Rest {
  const message = ask(world, agent, "SyncRequest", {});
  if (message === undefined || agent.provider.account(agent.id) === undefined) return;
  const request = unwrap(syncRequest.parse(message)).payload;
  const key = world.random.pick(agent.provider.keys);
  const answer = {
    time: world.time,
    stored: request.j,
    unlockPin: false,
    ...somePins(world),
  };
  const { id } = agent.state;
  const bytes = agent.provider.sync(id, request, answer, key);
  yield;
  ask(world, agent, "Sync", { response: world.delivered({ bytes, provider: key }, agent) });
}

/** Any command at any time, whether it makes sense or not. */
const stray: Step = (world, agent) => {
  const { random, bank } = world;
  const nonsense = [0, 24, 255, 65_536, -1];
  const choices: readonly (() => unknown)[] = [
    () => world.run(agent, random.pick(nonsense), random.bytes(3)),
    () => world.run(agent, random.between(1, 23), random.bytes(random.below(12))),
    () => world.run(agent, random.between(1, 23), Uint8Array.of(0x80)),
    () => ask(world, agent, "Init", { anchor: random.bytes(33) }),
    () => ask(world, agent, "Init", { anchor: bank.anchor }),
    () => ask(world, agent, "CertInit", certification(world, agent)),
    () => ask(world, agent, "Retire", {}),
    () => ask(world, agent, "PinBegin", {}),
  ];
  random.pick(choices)();
};

/** Somebody who found the device tries PINs until they run out. */
function* guess(world: World, agent: Agent): Rest {
  for (let i = 0; i < 6; i++) {
    ask(world, agent, "PinBegin", {});
    yield;
    const pin = world.random.bytes(4);
    ask(world, agent, "PinVerify", { pin, allowance: amount(1_000n) });
  }
}

/** More money than two of which 64 bits can hold. */
const windfall: Step = ({ agents, random }) => {
  const { provider, id } = agents.at(-1)!;
  if (provider.account(id) === undefined) return;
  provider.deposit(id, 0x9000_0000_0000_0000n, random.pick(provider.keys));
};

/** What happens rarely, each as often as its weight says. */
export const rare: readonly (readonly [weight: number, step: Step])[] = [
  [0.5, attest],
  [1, renew],
  [0.4, startAgain],
  [1.5, stray],
  [0.1, guess],
  [0.2, windfall],
];
