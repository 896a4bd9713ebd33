import {
  decodeSequence,
  err,
  MAX_MESSAGE,
  ok,
  refusal,
  toHex,
  type Refusal,
  type Result,
} from "@bezant/protocol";
import type { Core } from "../core/core.ts";
import { MAX_LISTS } from "@bezant/service/institutions";
import { acceptAndTell } from "../institutions/accept.ts";

const DATABASE: readonly string[] = ["unavailable", "commit-unknown"];

/**
 * Learns which institutions' keys the central bank knows to be revoked (§16.3), for this server and, at their next sync, for its TAs
 * and wallets. A list that does not verify here says nothing: that of an intermediary that has ended, for one.
 */
export async function takeLists(core: Core): Promise<Result<void, Refusal>> {
  const answer = await core.centralBank?.lists?.();
  if (answer === undefined) return ok(undefined);
  if (!answer.ok) return answer;
  const lists = decodeSequence(answer.value, { maxItems: MAX_LISTS, maxItemSize: MAX_MESSAGE });
  if (!lists.ok) return err(refusal("malformed", lists.error.code));
  const known = new Set(core.trust.revoked.lists().map(toHex));
  for (const list of lists.value) {
    if (known.has(toHex(list))) continue;
    const taken = await acceptAndTell(core, list);
    if (!taken.ok && DATABASE.includes(taken.error.code)) return taken;
  }
  return ok(undefined);
}
