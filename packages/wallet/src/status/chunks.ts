import {
  attach,
  bytes,
  isCurrent,
  MAX_MESSAGE,
  refusal,
  standingOf,
  statusChunk,
  statusVerify,
  unwrap,
  type Certificate,
  type InstitutionId,
  type Refusal,
  type StatusChunk,
} from "@bezant/protocol";
import type { Core } from "../core/core.ts";
import { padded } from "../core/sequence.ts";
import { kind, put, remove, type Entry } from "../store/records.ts";

/** Chunks of status lists that the wallet has met, by issuer and range, each verified before it was kept. */
const STATUS = kind("status", bytes(0, MAX_MESSAGE));

export type Kept = {
  readonly key: string;
  readonly message: Uint8Array;
  readonly chunk: StatusChunk;
};

/** What is known of an issuer's list, in the order of the ranges. */
export async function chunksOf({ records }: Core, issuer: InstitutionId): Promise<readonly Kept[]> {
  const found = await records.list(STATUS, `${issuer}/`);
  return found.map(toKept);
}

/** All that is known of other issuers' lists than this one's. */
export async function chunksOfOthers(
  { records }: Core,
  own: InstitutionId,
): Promise<readonly Uint8Array[]> {
  const found = await records.list(STATUS);
  return found.filter(({ key }) => !key.startsWith(`${own}/`)).map(({ value }) => value);
}

/**
 * Verifies a chunk and keeps it in the place of older ones of its range; `false`: it was nothing new. It brings its chain, or
 * the wallet has met that.
 */
export async function keepChunk(
  core: Core,
  message: Uint8Array,
): Promise<{ readonly isNew: boolean } | Refusal> {
  const parsed = statusChunk.parse(message);
  if (!parsed.ok) return parsed.error;
  const { kid, chain: attached } = parsed.value;
  // Its chain says whose list it is, or the wallet has met the key.
  const issuer = kid === undefined ? undefined : core.trust.providerOf(kid, attached);
  if (issuer === undefined) return refusal("unknown-issuer");
  const at = core.trust.at(core.now());
  const verified = await core.trust.verify(statusVerify(message, { ...at, issuer }));
  if (!verified.ok) return verified.error;
  const { chunk } = verified.value;
  const overlapping = (await chunksOf(core, issuer)).filter(
    ({ chunk: other }) => other.first <= chunk.last && chunk.first <= other.last,
  );
  if (overlapping.some(({ chunk: other }) => other.epoch >= chunk.epoch)) return { isNew: false };
  const chain = kid === undefined ? undefined : core.trust.chainOf(issuer, kid);
  const key = `${issuer}/${padded(chunk.first)}`;
  await core.records.commit(
    ...overlapping.map((other) => remove(STATUS, other.key)),
    // With its chain, so that whoever is handed it can verify it.
    put(STATUS, key, unwrap(attach(message, { chain }))),
  );
  return { isNew: true };
}

/** The chunk that covers a certificate, as far as the wallet has met it. */
export async function chunkFor(core: Core, certificate: Certificate): Promise<Kept | undefined> {
  const { iss, statusIndex } = certificate.claims;
  if (statusIndex === undefined) return undefined;
  const known = await chunksOf(core, iss);
  return known.find(({ chunk }) => chunk.first <= statusIndex && statusIndex <= chunk.last);
}

/** What the wallet knows about a certificate by what it has met and its own clock. */
export async function standingBy(
  core: Core,
  certificate: Certificate,
): Promise<ReturnType<typeof standingOf>> {
  const { iss, statusIndex } = certificate.claims;
  const known = await chunksOf(core, iss);
  const epochs = known.map(({ chunk }) => chunk.epoch);
  // The newest list that the wallet has heard of is what counts; one alone goes by its age.
  const minimumEpoch = epochs.length < 2 ? undefined : Math.max(...epochs);
  const found = await chunkFor(core, certificate);
  const at = { minimumEpoch, now: core.now() };
  return standingOf(statusIndex, found?.chunk, (chunk) => isCurrent(chunk, at));
}

/** The chunk that covers an own certificate, with its chain: whoever has never met the provider can verify it, too. */
export async function staple(core: Core, own: Certificate): Promise<Uint8Array | undefined> {
  return (await chunkFor(core, own))?.message;
}

function toKept({ key, value }: Entry<Uint8Array>): Kept {
  return { key, message: value, chunk: unwrap(statusChunk.parse(value)).payload };
}
