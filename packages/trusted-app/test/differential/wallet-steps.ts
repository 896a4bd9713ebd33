import {
  amount,
  counter,
  outcome,
  payment,
  seconds,
  syncRequest,
  unwrap,
  type Amount,
  type Limits,
} from "@bezant/protocol";
import { readAnswer, type CommandName, type Input, type Output } from "../../src/commands.ts";
import { DAY } from "../world/institutions.ts";
import { holderOf, signPayeeOutcome } from "../world/signed.ts";
import type { Agent } from "./agent.ts";
import { somePins, someStatus } from "./status.ts";
import type { Kind, World } from "./world.ts";

/** What is left of something that takes several commands; others act in between. */
export type Rest = Generator<void, void, void>;
/** Something that a wallet does. */
export type Step = (world: World, agent: Agent) => void | Rest;

const U64 = 0xffff_ffff_ffff_ffffn;

/** A command, and its answer if it was accepted and has arrived. */
export function ask<N extends CommandName>(
  world: World,
  agent: Agent,
  name: N,
  input: Input<N>,
): Output<N> | undefined {
  const { status, output } = world.execute(agent, name, input);
  return status === "ok" ? unwrap(readAnswer(name, { status: 0, output })) : undefined;
}

/** What the TA has signed for everybody becomes known. */
function publish(world: World, agent: Agent, kind: Kind, bytes: Uint8Array | undefined): void {
  if (bytes === undefined) return;
  const { cert: certificate, id: from } = agent.state;
  const ended = outcome.parse(bytes);
  const r = ended.ok && "r" in ended.value.payload ? ended.value.payload.r : 0;
  world.keep(kind, { bytes, r, from, certificate, provider: agent.homeKey });
}

function publishPayment(world: World, agent: Agent, bytes: Uint8Array | undefined): void {
  const parsed = bytes === undefined ? undefined : payment.parse(bytes);
  if (bytes === undefined || parsed?.ok !== true) return;
  const { receiver: to, j } = parsed.value.payload;
  const { cert: certificate, id: from } = agent.state;
  world.keep("payment", { bytes, to, j, from, certificate, provider: agent.homeKey });
}

function someAmount({ random }: World, agent: Agent): Amount {
  if (random.chance(0.02)) return amount(U64 - BigInt(random.below(3)));
  if (random.chance(0.05)) return amount(agent.state.limits.maxHolding / 2n + 1n);
  return amount(BigInt(random.between(1, random.chance(0.2) ? 3_000 : 200)));
}

const requestPayment: Step = (world, agent) => {
  const { random, time } = world;
  const open = agent.state.requests.map(({ r }) => r);
  const isReplacing = open.length > 0 && random.chance(open.length > 5 ? 0.5 : 0.15);
  const replaces = isReplacing ? random.pick(open) : random.chance(0.03) ? random.below(50) : 0;
  const expires = random.chance(0.85) ? 0 : time + random.between(-50, 500);
  const message = ask(world, agent, "RequestPayment", {
    amount: someAmount(world, agent),
    expires: seconds(expires),
    replaces: counter(replaces),
  });
  publish(world, agent, "request", message);
};

const pay: Step = (world, agent) => {
  const { random, sent, time } = world;
  const others = sent.request.filter(({ from }) => from !== agent.id);
  const request = random.pickRecent(random.chance(0.97) ? others : sent.request);
  if (request === undefined) return;
  const hint = random.chance(0.7) ? 0 : random.chance(0.9) ? time : time + 4_000 * DAY;
  const bytes = world.delivered(request, agent);
  const input = { request: bytes, hint: seconds(hint), ...someStatus(world, agent, bytes) };
  publishPayment(world, agent, ask(world, agent, "Pay", input));
};

const collect: Step = (world, agent) => {
  const { random, sent, ledger } = world;
  const mine = sent.payment.filter(({ to }) => to === agent.id);
  const waiting = mine.filter(({ from = "", j = 0 }) => ledger.find(from, j)?.fate === "in flight");
  const choice = random.chance(0.75) ? waiting : random.chance(0.8) ? mine : sent.payment;
  const chosen = random.pickRecent(choice);
  if (chosen === undefined) return;
  const bytes = world.delivered(chosen, agent);
  const input = { payment: bytes, ...someStatus(world, agent, bytes) };
  publish(world, agent, "outcome", ask(world, agent, "Collect", input));
};

const settle: Step = (world, agent) => {
  const { random, sent } = world;
  const unsettled = new Set(agent.state.payments.map(({ payee, r }) => `${payee} ${r}`));
  const likely = sent.outcome.filter(({ from, r, to, j }) => {
    if (to === undefined) return unsettled.has(`${from} ${r}`);
    return to === agent.id && agent.state.payments.some((it) => it.j === j);
  });
  const ended = random.pickRecent(random.chance(0.85) ? likely : sent.outcome);
  if (ended === undefined) return;
  ask(world, agent, "Settle", { outcome: world.delivered(ended, agent) });
};

const cancel: Step = (world, agent) => {
  const { requests, r } = agent.state;
  const { random } = world;
  const isOpen = requests.length > 0 && random.chance(0.7);
  const target = isOpen ? random.pick(requests).r : Math.max(0, r - random.below(20));
  publish(world, agent, "outcome", ask(world, agent, "CancelRequest", { r: counter(target) }));
};

/** A wallet has a payment of this TA, or nearly, and says so. */
const release: Step = (world, agent) => {
  const { payments, id: sender } = agent.state;
  const { random, wallets } = world;
  const toWallets = payments.filter(({ payee }) => wallets.some(({ id }) => id === payee));
  if (payments.length === 0) return;
  const paid = random.pick(random.chance(0.9) && toWallets.length > 0 ? toWallets : payments);
  const wallet = wallets.find(({ id }) => id === paid.payee) ?? random.pick(wallets);
  const nearly = (n: number): number => (random.chance(0.95) ? n : n + 1);
  const received = {
    kind: "received",
    r: counter(nearly(paid.r)),
    sender: random.chance(0.95) ? sender : random.pick(world.agents).id,
    j: counter(nearly(paid.j)),
    amount: amount(BigInt(nearly(Number(paid.amount)))),
  } as const;
  const bytes = signPayeeOutcome(holderOf(wallet), received);
  const { certificate, provider } = wallet;
  ask(world, agent, "Release", {
    outcome: world.delivered({ bytes, certificate, provider }, agent),
  });
};

const resend: Step = (world, agent) => {
  const { random } = world;
  const { payments, withdrawals, outcomes, requests } = agent.state;
  const choices = [
    ["payment", payments.map(({ j }) => j), "other"],
    ["withdrawal", withdrawals.map(({ w }) => w), "other"],
    ["outcome", outcomes.map(({ r }) => r), "outcome"],
    ["request", requests.map(({ r }) => r), "request"],
  ] as const;
  const [kind, numbers, pool] = random.pick(choices);
  const n = numbers.length > 0 && random.chance(0.85) ? random.pick(numbers) : random.below(60);
  const message = ask(world, agent, "Resend", { kind, n: counter(n) });
  if (message === undefined) return;
  if (kind === "withdrawal") agent.provider.credit(agent.id, message);
  else if (kind === "payment") publishPayment(world, agent, message);
  else publish(world, agent, pool, message);
};

/** Reserves, and the provider confirms; the confirmation waits to be delivered. */
const reserve: Step = (world, agent) => {
  const { random } = world;
  const isLarge = random.chance(0.6);
  const x = isLarge ? amount(BigInt(random.between(500, 8_000))) : someAmount(world, agent);
  const reserved = ask(world, agent, "ReserveDeposit", { amount: x });
  const isHuge = x > 1_000_000n && !random.chance(0.3);
  if (reserved === undefined || isHuge || agent.provider.account(agent.id) === undefined) return;
  world.keep("other", { bytes: reserved });
  agent.provider.deposit(agent.id, x, random.pick(agent.provider.keys));
};

const deposit: Step = (world, agent) => {
  const { random, sent } = world;
  const { d, id } = agent.state;
  const next = agent.provider.account(id)?.confirmations[d];
  if (next !== undefined && random.chance(0.9)) {
    const message = { bytes: next.bytes, to: id, provider: next.key };
    world.keep("confirmation", message);
    ask(world, agent, "Deposit", { confirmation: world.delivered(message, agent) });
    return;
  }
  const any = random.pickRecent(sent.confirmation);
  if (any === undefined) return;
  ask(world, agent, "Deposit", { confirmation: world.delivered(any, agent) });
};

const withdraw: Step = (world, agent) => {
  const { random } = world;
  const { balance, id } = agent.state;
  const part = (BigInt(random.next()) * balance) / 0x1_0000_0000n;
  const x = random.chance(0.85) ? part + 1n : balance + 1n;
  const message = ask(world, agent, "Withdraw", { amount: amount(x > U64 ? U64 : x) });
  if (message === undefined) return;
  world.keep("other", { bytes: message });
  agent.provider.credit(id, message);
};

const acknowledge: Step = (world, agent) => {
  const { random, sent } = world;
  const { id } = agent.state;
  const key = random.pick(agent.provider.keys);
  const fresh = { bytes: agent.provider.acknowledge(id, key), to: id, provider: key };
  world.keep("acknowledgement", fresh);
  const chosen = random.chance(0.85) ? fresh : (random.pickRecent(sent.acknowledgement) ?? fresh);
  ask(world, agent, "AckWithdraw", { acknowledgement: world.delivered(chosen, agent) });
};

/** A sync that may be overtaken by payments, by other syncs, or never be answered. */
const sync: Step = function* (world, agent) {
  const { random } = world;
  const message = ask(world, agent, "SyncRequest", {});
  if (message === undefined) return;
  const request = unwrap(syncRequest.parse(message)).payload;
  const { id } = agent.state;
  yield;
  const account = agent.provider.account(id);
  if (account === undefined) return;
  if (random.chance(0.15)) account.limits = nextLimits(world, account.limits);
  const key = random.pick(agent.provider.keys);
  const stored = random.chance(0.7) ? request.j : random.below(request.j + 1);
  const unlockPin = agent.state.pinTries === 0 || random.chance(0.05);
  const answer = { time: world.time, stored, unlockPin, ...somePins(world) };
  const bytes = agent.provider.sync(id, request, answer, key);
  const response = { bytes, to: id, provider: key };
  world.keep("sync", response);
  yield;
  const chosen = random.chance(0.9) ? response : random.pickRecent(world.sent.sync)!;
  ask(world, agent, "Sync", { response: world.delivered(chosen, agent) });
};

function nextLimits({ random }: World, limits: Limits): Limits {
  return {
    ...limits,
    version: limits.version + 1,
    maxCount: random.between(4, 60),
    noPinCap: amount(BigInt(random.pick([0, 4_000, 1_000_000, 1_000_000]))),
    uncheckedCap: amount(BigInt(random.pick([0, 10_000, 1_000_000, 1_000_000]))),
  };
}

const enterPin: Step = function* (world, agent) {
  const { random } = world;
  if (!agent.state.pinSet || random.chance(0.1)) {
    const fresh = random.bytes(random.between(4, 12));
    if (ask(world, agent, "SetPin", { pin: fresh }) !== undefined) agent.pin = fresh;
    yield;
  }
  if (random.chance(0.95)) ask(world, agent, "PinBegin", {});
  yield;
  const pin = random.chance(0.75) ? agent.pin : random.bytes(random.between(4, 12));
  const allowance = amount(BigInt(random.below(random.chance(0.5) ? 2_000 : 0xffff_ffff)));
  const verified = ask(world, agent, "PinVerify", { pin, allowance });
  if (verified === undefined || random.chance(0.7)) return;
  yield;
  const next = random.bytes(6);
  if (ask(world, agent, "SetPin", { pin: next }) !== undefined) agent.pin = next;
};

const look: Step = (world, agent) => {
  const { random } = world;
  if (random.chance(0.5)) ask(world, agent, "GetInfo", {});
  else ask(world, agent, "GetBalance", { nonce: random.bytes(16) });
};

/** What wallets do in daily life, each as often as its weight says. */
export const daily: readonly (readonly [weight: number, step: Step])[] = [
  [12, requestPayment],
  [20, pay],
  [20, collect],
  [10, settle],
  [3, cancel],
  [1, release],
  [5, resend],
  [4, reserve],
  [7, deposit],
  [3, withdraw],
  [4, acknowledge],
  [3, sync],
  [3, enterPin],
  [2, look],
];
