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
import { done, transact } from "@bezant/service";
import type { Core } from "../core/core.ts";
import { verifyList } from "./load.ts";
import { keepList } from "./store.ts";

/** Lists in one message: the root's and its intermediaries'. */
export const MAX_LISTS = 64;

/**
 * Status lists of institutions (§16.3), from anybody: they say themselves who made them. An older list than the one that is known
 * changes nothing. A provider whose key is revoked is heard no more from now on; what was posted before stays.
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
    for (const list of verified) await keepList(transaction, list);
    return done(undefined);
  });
  if (!kept.ok) return kept;
  const { revoked } = core.trust;
  for (const list of verified) revoked.learn(list);
  return ok(concatBytes(...revoked.lists()));
}
