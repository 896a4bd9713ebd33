import {
  attach,
  keyIdFromBytes,
  keyIdOf,
  MAX_STATUS_INDEX,
  parseCertificate,
  payment,
  paymentRequest,
  seconds,
  statusChunk,
  unwrap,
  type Claims,
  type KeyId,
  type StatusChunk,
} from "@bezant/protocol";
import type { SyncAnswer } from "../world/signed.ts";
import { DAY, EUR, START, type ProviderKey } from "../world/institutions.ts";
import type { Agent } from "./agent.ts";
import { damage } from "./tamper.ts";
import type { World } from "./world.ts";

// Status lists as wallets hand them over: mostly good ones, and everything that may be wrong with one.

/** A chunk that is, or is not, about whoever signed this request or payment; or none. */
export function someStatus(
  world: World,
  agent: Agent,
  message: Uint8Array,
): { readonly status?: Uint8Array } {
  const { random } = world;
  if (random.chance(0.4)) return {};
  const holder = holderOf(message);
  if (holder === undefined) return random.chance(0.5) ? {} : { status: random.bytes(40) };
  const provider = signerOf(world, holder);
  const payload = chunkAbout(world, agent, holder.claims);
  const context = {
    currency: EUR,
    home: "",
    signer: random.chance(0.98) ? provider.id : world.beta.id,
    audience: random.chance(0.99) ? "" : agent.id,
  } as const;
  const signed = statusChunk.sign(payload, context, provider.key, { chain: provider.chain });
  const isNeeded = keyIdOf(provider.key.publicKey) !== holder.kid;
  const bytes = random.chance(isNeeded ? 0.95 : 0.3) ? signed : unwrap(attach(signed, {}));
  return { status: random.chance(0.02) ? damage(random, bytes) : bytes };
}

type Holder = { readonly claims: Claims; readonly kid: KeyId };

function holderOf(message: Uint8Array): Holder | undefined {
  const parsed = [paymentRequest, payment].map((kind) => kind.parse(message)).find(({ ok }) => ok);
  const attached = parsed?.ok === true ? parsed.value.certificate : undefined;
  const certificate = attached === undefined ? undefined : parseCertificate(attached);
  return certificate?.ok === true ? certificate.value : undefined;
}

/** Mostly the holder's provider, under the key that certified the holder or under another one. */
function signerOf(
  { random, alpha, beta, oddProviders }: World,
  { claims, kid }: Holder,
): ProviderKey {
  const all = [...alpha.keys, ...beta.keys];
  if (random.chance(0.02)) return random.pick(all);
  const known = [...all, ...oddProviders].filter(({ id }) => id === claims.iss);
  const certifier = known.find(({ key }) => keyIdOf(key.publicKey) === kid);
  if (certifier !== undefined && random.chance(0.7)) return certifier;
  return known.length > 0 ? random.pick(known) : random.pick(all);
}

function chunkAbout({ random, time }: World, { state }: Agent, claims: Claims): StatusChunk {
  const index = claims.statusIndex ?? 5000;
  const isCovered = random.chance(0.94);
  const [first, last] = isCovered
    ? random.pick([
        [0, MAX_STATUS_INDEX],
        [index, index],
        [Math.max(0, index - 700), index + 700],
      ] as const)
    : random.pick([
        [index + 1, MAX_STATUS_INDEX],
        [0, Math.max(0, index - 1)],
      ] as const);
  const pinned = state.epochs.find(({ issuer }) => issuer === claims.iss)?.epoch ?? 2;
  const others = [first, index - 1, index + 1, last].filter((it) => it >= first && it <= last);
  const revoked = new Set(random.chance(0.4) ? others.filter(() => random.chance(0.5)) : []);
  if (isCovered && random.chance(0.04)) revoked.add(index);
  else revoked.delete(index);
  const ago = random.pick([0, 0, 29 * DAY, 30 * DAY, 30 * DAY + 1, 60 * DAY]);
  const chunk = {
    epoch: Math.max(1, pinned + random.pick([0, 0, 0, 1, 1, -1])),
    issuedAt: seconds(Math.max(START, Math.max(time, state.time) - ago)),
    first,
    last,
    revoked: [...revoked].toSorted((a, b) => a - b),
  };
  return chunk;
}

/** What a provider says of institutions: mostly everybody's epoch, and now and then that a key has leaked. */
export function somePins({
  random,
  alpha,
  beta,
  bank,
  time,
}: World): Pick<SyncAnswer, "epochs" | "revokedKeys"> {
  const epochs = [alpha.id, beta.id].flatMap((id) =>
    random.chance(0.85) ? [[id, random.between(1, 4)] as const] : [],
  );
  const keys = [...alpha.keys, ...beta.keys, bank.intermediary].map(({ key }) => key.publicKey);
  const leaked = random.chance(0.04) ? [random.pick(keys)] : [];
  const since = seconds(random.pick([0, START - 1, START, time]));
  const revokedKeys = leaked.map((key) => [keyIdOf(key), since] as const);
  if (random.chance(0.95)) return { epochs, revokedKeys };
  // As many as there is room for.
  const name = random.chance(0.5) ? beta.id : alpha.id;
  return {
    epochs: Array.from({ length: 8 }, (_, i) => [name, i + 1] as const),
    revokedKeys: Array.from({ length: 8 }, () => [keyIdFromBytes(random.bytes(8)), since] as const),
  };
}
