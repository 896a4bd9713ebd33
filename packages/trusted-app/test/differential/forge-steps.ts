import {
  amount,
  assemble,
  counter,
  depositConfirmation,
  encode,
  fromHex,
  keyIdOf,
  limitsProfile,
  outcome,
  paymentRequest,
  payment as paymentMessage,
  seconds,
  syncResponse,
  toBeSigned,
  withdrawalAcknowledgement,
  type Context,
  type Counter,
  type Message,
  type PartyId,
  type PayeeId,
} from "@bezant/protocol";
import type { Input } from "../../src/commands.ts";
import { DAY, EUR, START, type ClaimChanges, type ProviderKey } from "../world/institutions.ts";
import type { Agent } from "./agent.ts";
import { NO_POINT, USD, type OddHolder } from "./odd.ts";
import { somePins, someStatus } from "./status.ts";
import { damage } from "./tamper.ts";
import { ask, type Step } from "./wallet-steps.ts";
import type { World } from "./world.ts";

// An adversary with keys: leaked ones of providers, TAs and wallets, and certificates that should never have been.

/** A counter, however old the TA is. */
function upTo(n: number): Counter {
  return counter(Math.min(n, 0xffff_ffff));
}

/** Another amount, also where there is none above. */
function otherThan(x: bigint): bigint {
  return x > 1n ? x - 1n : x + 1n;
}

/** Mostly a good provider, so that the checks behind its signature are reached too. */
function someProvider(world: World, agent: Agent): ProviderKey {
  const { random } = world;
  if (random.chance(0.65)) return random.pick(agent.provider.keys);
  if (random.chance(0.4)) return random.pick([...world.alpha.keys, ...world.beta.keys]);
  return random.pick(world.oddProviders);
}

/** Mostly for this TA, in its currency. */
function contextBy({ random, agents }: World, provider: ProviderKey, audience: PartyId): Context {
  return {
    currency: random.chance(0.97) ? EUR : USD,
    home: random.chance(0.98) ? "" : provider.id,
    signer: random.chance(0.98) ? provider.id : random.pick(agents).id,
    audience: random.chance(0.96) ? audience : random.pick(agents).id,
  };
}

/** A message of a provider; now and then with a payload that is damaged and yet well signed. */
function byProvider<P>(
  world: World,
  agent: Agent,
  message: Message<P>,
  payload: P,
  provider: ProviderKey = someProvider(world, agent),
): Uint8Array {
  const context = contextBy(world, provider, agent.id);
  return signLoosely(world, agent, provider, message, payload, context);
}

function signLoosely<P>(
  world: World,
  agent: Agent,
  provider: ProviderKey,
  message: Message<P>,
  payload: P,
  context: Context,
  kcwt?: Uint8Array,
): Uint8Array {
  const { random } = world;
  const encoded = encode(message.payload, payload);
  const kid = keyIdOf(random.chance(0.97) ? provider.key.publicKey : world.bank.root.key.publicKey);
  const parts = {
    typ: message.typ,
    ...(random.chance(0.97) ? { kid } : {}),
    payload: random.chance(0.12) ? damage(random, encoded) : encoded,
  };
  const signature = provider.key.sign(toBeSigned({ ...parts, ...context }));
  const isAttached = random.chance(provider.key === agent.homeKey?.key ? 0.15 : 0.9);
  return assemble({
    ...parts,
    signature,
    ...(isAttached ? { chain: provider.chain } : {}),
    ...(kcwt === undefined ? {} : { kcwt }),
  });
}

const forgeConfirmation: Step = (world, agent) => {
  const { random } = world;
  const { d, payments } = agent.state;
  // Never the next number: that would be a real deposit of a rogue provider.
  const number = Math.max(0, random.pick([d, d, d - 1, d + 2, d + 5, 0]));
  const isRefund = random.chance(0.3);
  const j = payments[0]?.j ?? random.below(9);
  const common = { amount: amount(BigInt(random.between(1, 500))), d: upTo(number) };
  const confirmation = byProvider(
    world,
    agent,
    depositConfirmation,
    isRefund ? { ...common, kind: "refund", j: upTo(j) } : { ...common, kind: "deposit" },
  );
  ask(world, agent, "Deposit", { confirmation });
};

const forgeAcknowledgement: Step = (world, agent) => {
  const { random } = world;
  const w = upTo(random.below(agent.state.w + 3));
  const acknowledgement = byProvider(world, agent, withdrawalAcknowledgement, { w });
  ask(world, agent, "AckWithdraw", { acknowledgement });
};

const forgeSync: Step = (world, agent) => {
  const { random } = world;
  if (agent.state.phase !== "active") return;
  if (random.chance(0.7)) ask(world, agent, "SyncRequest", {});
  const { syncNonce, limits, w, j } = agent.state;
  const nonce = random.chance(0.9)
    ? fromHex(syncNonce)
    : random.pick([random.bytes(16), new Uint8Array(16)]);
  const version = Math.max(0, limits.version + random.pick([0, 0, 0, 1, -1]));
  const profile = random.chance(0.85) ? limits.profile : random.below(5);
  const response = byProvider(world, agent, syncResponse, {
    nonce,
    limits: { ...limits, profile, version },
    time: seconds(random.chance(0.98) ? world.time : START + 3_000 * DAY),
    w: upTo(random.chance(0.85) ? random.below(w + 1) : w + 1),
    stored: upTo(random.chance(0.85) ? random.below(j + 1) : j + 1),
    unlockPin: random.chance(0.1),
    epochs: [],
    revokedKeys: [],
    ...somePins(world),
  });
  ask(world, agent, "Sync", { response });
};

/** What a provider says about a payment to a wallet, or to a TA, which is not its to say. */
const forgeProviderOutcome: Step = (world, agent) => {
  const { random, wallets } = world;
  const { payments, id } = agent.state;
  const toWallets = payments.filter(({ payeeClass }) => payeeClass === "wallet");
  if (payments.length === 0) return;
  const paid = toWallets.length > 0 && random.chance(0.8) ? toWallets : payments;
  const { j, payee, amount: x } = random.pick(paid);
  const payload = {
    kind: random.pick(["claimed", "never-settled"] as const),
    sender: random.chance(0.9) ? id : random.pick(world.agents).id,
    j: upTo(random.chance(0.9) ? j : j + 1),
    amount: amount(random.chance(0.9) ? x : otherThan(x)),
    receiver: payee as PayeeId,
  };
  const all = [...world.alpha.keys, ...world.beta.keys];
  const provider = random.chance(0.7) ? random.pick(all) : someProvider(world, agent);
  const wallet = wallets.find((it) => it.id === payee) ?? random.pick(wallets);
  const { certificate } = random.chance(0.8) ? wallet : random.pick([...wallets, world.broken]);
  const attached = random.chance(0.8) ? certificate : undefined;
  const context = { ...contextBy(world, provider, id), audience: "" } as const;
  const message = signLoosely(world, agent, provider, outcome, payload, context, attached);
  ask(world, agent, "Settle", { outcome: message });
};

/** A holder's message, mostly in the context it should have. */
function byHolder<P>(
  { random }: World,
  holder: OddHolder,
  message: Message<P>,
  payload: P,
  audience: PartyId | "",
): Uint8Array {
  const context = {
    currency: random.chance(0.98) ? EUR : USD,
    home: random.chance(0.98) ? holder.home : "",
    signer: holder.id,
    audience,
  } as const;
  const encoded = encode(message.payload, payload);
  const parts = {
    typ: message.typ,
    payload: random.chance(0.08) ? damage(random, encoded) : encoded,
    ...(random.chance(0.98) ? {} : { kid: keyIdOf(holder.key.publicKey) }),
  };
  const signature = holder.key.sign(toBeSigned({ ...parts, ...context }));
  const { certificate: kcwt, provider } = holder;
  const attached = random.chance(0.8) ? { kcwt, chain: provider.chain } : { kcwt };
  return assemble({ ...parts, ...attached, signature });
}

/** Somebody whom the certificates do or do not vouch for asks for money. */
const forgeRequest: Step = (world, agent) => {
  const { random } = world;
  const payee = random.chance(0.3) ? world.broken : random.pick(world.oddHolders);
  // Few numbers, so that one comes again with another challenge or amount.
  const r = random.below(6);
  const challenge = new Uint8Array(8).fill(random.below(2));
  const payload = {
    amount: amount(BigInt(random.pick([5, 5, 5, 6, 5_000]))),
    r: upTo(r),
    challenge,
    ...(random.chance(0.1) ? { expires: seconds(random.pick([0, START, world.time + 9])) } : {}),
  };
  const request = byHolder(world, payee, paymentRequest, payload, "");
  const status = someStatus(world, agent, request);
  ask(world, agent, "Pay", { request, hint: seconds(0), ...status });
};

/** A TA whose key has leaked pays with money that it does not have. */
const forgePayment: Step = (world, agent) => {
  const { random } = world;
  const { requests, outcomes, id, r } = agent.state;
  const sender = random.chance(0.4)
    ? world.broken
    : random.chance(0.2)
      ? world.fadingSince(agent.state.time)
      : random.pick(world.oddHolders);
  const open = requests.length > 0 ? random.pick(requests) : undefined;
  const ended = outcomes.length > 0 ? random.pick(outcomes) : undefined;
  const number = random.chance(0.8) ? (open?.r ?? r) : (ended?.r ?? r + 1);
  const x = open?.amount ?? 5n;
  const payload = {
    amount: amount(random.chance(0.8) ? x : otherThan(x)),
    receiver: random.chance(0.95) ? id : random.pick(world.agents).id,
    receiverClass: random.chance(0.95) ? "ta" : "wallet",
    j: upTo(random.below(1_000)),
    r: upTo(number),
    challenge: random.chance(0.8) ? fromHex(open?.challenge ?? "00".repeat(8)) : random.bytes(8),
    time: seconds(0),
    type: random.chance(0.93) ? "basic" : "conditional",
  } as const;
  const payment = byHolder(world, sender, paymentMessage, payload, payload.receiver);
  ask(world, agent, "Collect", { payment, ...someStatus(world, agent, payment) });
};

/** A payee that broke its own rules says how a request ended. */
const forgeOutcome: Step = (world, agent) => {
  const { random } = world;
  const { payments, id } = agent.state;
  const holders = [world.broken, ...world.oddHolders];
  const fromOdd = payments.filter(({ payee }) => holders.some((it) => it.id === payee));
  const about = fromOdd.length > 0 ? random.pick(fromOdd) : payments[0];
  const payee = holders.find((it) => it.id === about?.payee) ?? random.pick(holders);
  const common = {
    r: upTo(random.chance(0.85) ? (about?.r ?? 1) : 99),
    amount: amount(random.chance(0.85) ? (about?.amount ?? 5n) : 7n),
  };
  const named = {
    sender: random.chance(0.85) ? id : random.pick(world.agents).id,
    j: upTo(random.chance(0.85) ? (about?.j ?? 1) : 77),
  };
  const payload = random.pick([
    { kind: "void", ...common } as const,
    { kind: "collected", ...common, ...named } as const,
    { kind: "collected", ...common, ...named } as const,
    { kind: "received", ...common, ...named } as const,
  ]);
  const message = byHolder(world, payee, outcome, payload, "");
  const name = payload.kind === "received" && random.chance(0.5) ? "Release" : "Settle";
  ask(world, agent, name, { outcome: message });
};

/** Certificates for this T.vk, or nearly, with one thing changed. */
const forgeCertification: Step = (world, agent) => {
  const name = agent.state.phase === "initialised" ? "CertInit" : "Renew";
  ask(world, agent, name, forgedCertification(world, agent));
};

function forgedCertification(world: World, agent: Agent): Input<"CertInit"> {
  const { random, bank } = world;
  const { id, vk, serial } = agent.state;
  const account = agent.provider.account(id)?.limits ?? agent.profile;
  const provider = someProvider(world, agent);
  const leaf: ClaimChanges = random.pick([
    {},
    {},
    { serial: Math.max(0, serial - random.below(2)) },
    { exp: seconds(START + 5_000 * DAY) },
    { exp: seconds(START + DAY) },
    { nbf: seconds(START - DAY) },
    { role: "wallet", limitsProfile: undefined, securityLevel: undefined },
    { role: "device", currency: undefined, limitsProfile: undefined },
    { limitsProfile: undefined },
    { limitsProfile: 0xffff },
    { currency: USD },
    { key: bank.root.key.publicKey.compressed },
    { key: NO_POINT },
    { iss: bank.root.id },
    { sub: provider.id },
    { statusIndex: 7 },
  ]);
  const other = random.chance(0.9) ? provider : someProvider(world, agent);
  const limits = {
    ...account,
    version: Math.max(0, account.version - (random.chance(0.2) ? 1 : 0)),
    profile: random.chance(0.9) ? account.profile : 3,
  };
  const audience = random.chance(0.95) ? id : random.pick(world.agents).id;
  const profile = random.chance(0.85)
    ? bank.limitsFor(audience, other, limits)
    : byProvider(world, agent, limitsProfile, limits);
  return {
    certificate: bank.taCertificate(provider, vk, account, leaf),
    chain: random.chance(0.95) ? provider.chain : other.chain,
    limitsProfile: profile,
  };
}

export const forged: readonly (readonly [weight: number, step: Step])[] = [
  [2, forgeConfirmation],
  [1, forgeAcknowledgement],
  [2, forgeSync],
  [2, forgeProviderOutcome],
  [3, forgeRequest],
  [3, forgePayment],
  [2, forgeOutcome],
  [1.5, forgeCertification],
];
