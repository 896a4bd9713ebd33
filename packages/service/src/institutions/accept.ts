import {
  concatBytes,
  decodeSequence,
  err,
  MAX_MESSAGE,
  ok,
  refusal,
  type Refusal,
  type Result,
  type VerifiedInstitutionStatus,
} from "@bezant/protocol";
import type { Transaction } from "../db/index.ts";
import { done, transact } from "../transact.ts";
import { verifyList, type Knowing } from "./load.ts";
import { keepList } from "./store.ts";

/** Lists in one message: the root's and its intermediaries'. */
export const MAX_LISTS = 64;

/**
 * Status lists of institutions (§16.3), from anybody: they say themselves who made them. An older list than the one that is known
 * changes nothing. What a revoked key signs is refused from now on; what was posted before stays.
 * @param alsoKeep what else the institution keeps of each, in the same transaction
 * @returns a CBOR sequence of the newest lists
 */
export async function acceptLists(
  core: Knowing,
  body: Uint8Array,
  alsoKeep?: (transaction: Transaction, list: VerifiedInstitutionStatus) => Promise<void>,
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
      await alsoKeep?.(transaction, list);
    }
    return done(undefined);
  });
  if (!kept.ok) return kept;
  const { revoked } = core.trust;
  for (const list of verified) revoked.learn(list);
  return ok(concatBytes(...revoked.lists()));
}
