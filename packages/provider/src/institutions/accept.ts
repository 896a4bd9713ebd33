import {
  concatBytes,
  decodeSequence,
  err,
  MAX_MESSAGE,
  ok,
  refusal,
  type Refusal,
  type Result,
  type RevokedKey,
  type VerifiedInstitutionStatus,
} from "@bezant/protocol";
import { done, transact } from "@bezant/service";
import type { Core } from "../core/core.ts";
import { insertRevokedKey } from "../status/revocations.ts";
import { verifyList } from "./load.ts";
import { keepList } from "./store.ts";

/** Lists in one message: the root's and its intermediaries'. */
export const MAX_LISTS = 64;

/**
 * Status lists of institutions (§16.3), from anybody: they say themselves who made them. An older list than the one that is known
 * changes nothing. What a revoked key signs is refused from now on, and TAs learn of it at their next sync.
 */
export async function acceptLists(
  core: Core,
  body: Uint8Array,
): Promise<Result<Uint8Array, Refusal>> {
  const parts = decodeSequence(body, { maxItems: MAX_LISTS, maxItemSize: MAX_MESSAGE });
  if (!parts.ok) return err(refusal("malformed", parts.error.code));
  const verified: VerifiedInstitutionStatus[] = [];
  for (const bytes of parts.value) {
    const list = await verifyList(core, bytes);
    if (!list.ok) return list;
    verified.push(list.value);
  }
  const kept = await transact(core.db, async (transaction) => {
    for (const list of verified) {
      await keepList(transaction, list);
      for (const [kid, since] of keysFor(core, list)) {
        await insertRevokedKey(transaction, { kid, since }, core.clock.now());
      }
    }
    return done(undefined);
  });
  if (!kept.ok) return kept;
  for (const list of verified) core.trust.revoked.learn(list);
  return ok(knownLists(core));
}

/** What TAs are to know: of an intermediary's list not the keys that another one is known to have certified. */
function keysFor(
  { trust }: Core,
  { issuer, ofRoot, list }: VerifiedInstitutionStatus,
): readonly RevokedKey[] {
  if (ofRoot) return list.revoked;
  return list.revoked.filter(([kid]) => {
    const known = trust.findByKey(kid);
    return known === undefined || known.provider.claims.iss === issuer;
  });
}

/** A CBOR sequence of the newest lists. */
function knownLists({ trust }: Core): Uint8Array {
  return concatBytes(...trust.revoked.lists());
}
