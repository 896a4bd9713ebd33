// What the adversary does to messages.
import { attach, parseCertificate, typOf, type Chain } from "@bezant/protocol";
import { take } from "../net.ts";
import type { Rng } from "../rng.ts";
import type { World } from "../world.ts";
import type { Action, Doings } from "./action.ts";
import { hand } from "./wallet.ts";

export const NETWORK_ACTIONS: Doings = {
  ask: { weight: 60, run: ask },
  answer: { weight: 60, run: answer },
  loseRequest: {
    weight: 2,
    run: ({ net }, { n }) => lose(take(net.requests, n)),
  },
  loseAnswer: {
    weight: 2,
    run: ({ net }, { n }) => lose(take(net.answers, n)),
  },
  loseMessage: {
    weight: 2,
    run: ({ net }, { n }) => take(net.handed, n) !== undefined,
  },
  repeatRequest: { weight: 4, run: repeatRequest },
  repeatMessage: { weight: 4, run: repeatMessage },
  rewriteRequest: { weight: 3, run: rewriteRequest },
  rewriteAnswer: { weight: 1, run: rewriteAnswer },
  exchangeBeside: { weight: 4, run: exchangeBeside },
  rewriteMessage: { weight: 4, run: rewriteMessage },
  misdirect: { weight: 1, run: misdirect },
};

async function ask(world: World, { n }: Action): Promise<boolean> {
  const asking = take(world.net.requests, n);
  if (asking === undefined) return false;
  await world.deliver(asking);
  return true;
}

function answer(world: World, { n }: Action): boolean {
  const answering = take(world.net.answers, n);
  if (answering === undefined) return false;
  world.net.delivered += 1;
  answering.settle(answering.response);
  return true;
}

function lose(lost: { readonly settle: (response: undefined) => void } | undefined): boolean {
  lost?.settle(undefined);
  return lost !== undefined;
}

/** A request that was seen reaches its provider again; nobody waits for the answer. */
async function repeatRequest(world: World): Promise<boolean> {
  const seen = world.rng.pick(world.net.seenRequests);
  if (seen === undefined) return false;
  world.net.delivered += 1;
  await world.serve(seen.bank, seen.request);
  return true;
}

async function repeatMessage(world: World): Promise<boolean> {
  const message = world.rng.pick(world.net.seenMessages);
  const user = world.rng.pick(world.users);
  if (message === undefined || user === undefined) return false;
  world.net.delivered += 1;
  await hand(world, user, message);
  return true;
}

async function rewriteRequest(world: World): Promise<boolean> {
  const { rng, net } = world;
  const seen = rng.pick(net.seenRequests);
  if (seen === undefined) return false;
  const others = net.seenRequests.map(({ request }) => request.body);
  const body = rewrite(world, seen.request.body, [...others, ...net.seenMessages]);
  net.delivered += 1;
  await world.serve(seen.bank, { ...seen.request, body });
  return true;
}

/** A good message at the wrong address: another client's, another route, another provider. */
async function misdirect(world: World): Promise<boolean> {
  const { rng, net, banks } = world;
  const [one, two] = [rng.pick(net.seenRequests), rng.pick(net.seenRequests)];
  const bank = rng.pick(banks);
  if (one === undefined || two === undefined || bank === undefined) return false;
  if (one.request.method !== "POST") return false;
  net.delivered += 1;
  await world.serve(bank, { ...one.request, path: two.request.path });
  return true;
}

/** The connection to a provider is not the wallet's only protection. */
function rewriteAnswer(world: World, { n }: Action): boolean {
  const { rng, net } = world;
  const answering = take(net.answers, n);
  if (answering === undefined) return false;
  const { response } = answering;
  const other = rng.pick(net.answers)?.response ?? response;
  const body = rewrite(world, response.body, [other.body]);
  answering.settle(rng.oneIn(2) ? { ...response, body } : other);
  return true;
}

/** A proxy on the way to the providers: what travels unsigned beside their words is another's from here on, or nothing. */
function exchangeBeside({ rng, net, banks }: World): boolean {
  const chain = rng.oneIn(2) ? rng.pick(banks)?.chain : undefined;
  let isAny = false;
  for (const [i, answering] of net.answers.entries()) {
    const { response } = answering;
    if (typOf(response.body) === undefined) continue;
    const attached = attach(response.body, { chain });
    if (!attached.ok) continue;
    net.answers[i] = { ...answering, response: { ...response, body: attached.value } };
    isAny = true;
  }
  return isAny;
}

async function rewriteMessage(world: World): Promise<boolean> {
  const { rng, net } = world;
  const [message, user] = [rng.pick(net.seenMessages), rng.pick(world.users)];
  if (message === undefined || user === undefined) return false;
  net.delivered += 1;
  await hand(world, user, rewrite(world, message, net.seenMessages));
  return true;
}

const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

/** The bytes with something about them changed. */
export function rewrite(
  { rng, banks }: World,
  bytes: Uint8Array,
  others: readonly Uint8Array[],
): Uint8Array {
  const other = rng.pick(others) ?? bytes;
  switch (rng.int(6)) {
    case 0:
      return bytes.slice(0, rng.int(bytes.length + 1));
    case 1: {
      const at = rng.int(Math.max(1, Math.min(bytes.length, other.length)));
      return Buffer.concat([bytes.subarray(0, at), other.subarray(at)]);
    }
    case 2:
      return exchangeCertificate(
        rng,
        bytes,
        other,
        banks.map(({ chain }) => chain),
      );
    case 3:
      return flipS(bytes);
    default: {
      const changed = bytes.slice();
      const at = rng.int(Math.max(1, bytes.length));
      if (changed.length > 0) changed[at] = (changed[at] ?? 0) ^ (1 << rng.int(8));
      return changed;
    }
  }
}

/** Somebody else's certificate, or another chain, beside a good signature. */
function exchangeCertificate(
  rng: Rng,
  bytes: Uint8Array,
  other: Uint8Array,
  chains: readonly Chain[],
): Uint8Array {
  const at = other.findIndex((_, i) => parseCertificate(other.subarray(i, i + 187)).ok);
  const certificate = at < 0 ? undefined : other.slice(at, at + 187);
  const chain = rng.oneIn(2) ? rng.pick(chains) : undefined;
  const attached = attach(bytes, { certificate, chain });
  return attached.ok ? attached.value : bytes;
}

/** ECDSA's other signature: (r, n - s). */
export function flipS(bytes: Uint8Array): Uint8Array {
  if (bytes.length < 64) return bytes;
  const s = BigInt(`0x${Buffer.from(bytes.subarray(-32)).toString("hex")}`);
  if (s === 0n || s >= ORDER) return bytes;
  const flipped = Buffer.from((ORDER - s).toString(16).padStart(64, "0"), "hex");
  return Buffer.concat([bytes.subarray(0, -32), flipped]);
}
