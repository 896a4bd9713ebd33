import {
  decodeSequence,
  err,
  MAX_MESSAGE,
  parseCertificate,
  refusal,
  runChecksAsync,
  statusChunk,
  statusVerify,
  type InstitutionId,
  type Refusal,
  type Result,
  type VerifiedStatus,
} from "@bezant/protocol";
import { done, transact } from "@bezant/service";
import type { Core } from "../core/core.ts";
import { sequenceRefusal } from "../core/sequence.ts";
import { unlessDoubted } from "../reported/refuse.ts";
import { putChunk, putHead } from "./lists.ts";

/** Chunks in one request at most. */
export const MAX_CHUNKS = 64;

/**
 * Takes chunks of other providers' lists from anybody: they prove themselves. So a provider learns from its clients'
 * wallets which lists there are, and tells their TAs at the next sync. Answers how many were new.
 */
export async function acceptStatus(core: Core, body: Uint8Array): Promise<Result<number, Refusal>> {
  const split = decodeSequence(body, { maxItems: MAX_CHUNKS, maxItemSize: MAX_MESSAGE });
  if (!split.ok) return err(sequenceRefusal(split.error));
  if (split.value.length === 0) return err(refusal("malformed", "no chunk"));
  const verified: VerifiedStatus[] = [];
  for (const bytes of split.value) {
    const one = await verify(core, bytes);
    if (!one.ok) return one;
    const believed = await unlessDoubted(core, one.value.chain);
    if (!believed.ok) return believed;
    verified.push(one.value);
  }
  // In one order, so that two requests cannot wait for each other in a circle. The own list is only published.
  const others = verified
    .filter(({ issuer }) => issuer !== core.identity.id)
    .toSorted((a, b) => (a.issuer < b.issuer ? -1 : 1));
  return transact(core.db, async (transaction) => {
    let kept = 0;
    for (const { issuer, chunk, bytes } of others) {
      // The head first: a chunk refers to it, and its row is what two requests of one issuer wait for.
      await putHead(transaction, issuer, chunk);
      if (await putChunk(transaction, issuer, chunk, bytes)) kept += 1;
    }
    return done(kept);
  });
}

async function verify(
  { trust, clock, verifier }: Core,
  bytes: Uint8Array,
): Promise<Result<VerifiedStatus, Refusal>> {
  const parsed = statusChunk.parse(bytes);
  if (!parsed.ok) return parsed;
  const issuer = issuerOf(parsed.value.chain?.[0]);
  if (issuer === undefined) return err(refusal("unknown-issuer", "no chain is attached"));
  const pending = statusVerify(bytes, { issuer, trust, now: clock.now() });
  return pending.ok ? runChecksAsync(pending.value, verifier) : pending;
}

/** Whose list it claims to be: the attached chain says so, and is verified with it. */
function issuerOf(provider: Uint8Array | undefined): InstitutionId | undefined {
  const parsed = provider === undefined ? undefined : parseCertificate(provider);
  if (parsed?.ok !== true) return undefined;
  const { claims } = parsed.value;
  return "sub" in claims ? claims.sub : undefined;
}
