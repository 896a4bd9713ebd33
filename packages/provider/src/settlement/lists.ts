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
 * and wallets; and tells it of those that it does not know, as wallets and operators have brought them here. A list that does not
 * verify says nothing, on either side: that of an intermediary that has ended, for one.
 */
export async function exchangeLists(core: Core): Promise<Result<void, Refusal>> {
  const theirs = await listsOf(core, new Uint8Array());
  if (theirs === undefined) return ok(undefined);
  if (!theirs.ok) return theirs;
  const before = core.trust.revoked.lists();
  const known = new Set(before.map(toHex));
  for (const list of theirs.value) {
    if (known.has(toHex(list))) continue;
    const taken = await acceptAndTell(core, list);
    if (!taken.ok && DATABASE.includes(taken.error.code)) return taken;
  }
  return tell(core, new Set(theirs.value.map(toHex)));
}

/** Of each issuer the newest list is here now; what the central bank has not answered is newer than what it knows. */
async function tell(core: Core, theirs: ReadonlySet<string>): Promise<Result<void, Refusal>> {
  for (const list of core.trust.revoked.lists()) {
    if (theirs.has(toHex(list))) continue;
    // One at a time: one that does not count there keeps no other one out.
    const told = await core.centralBank?.exchangeLists?.(list);
    if (told?.ok === false && told.error.code === "settlement-unreachable") return told;
  }
  return ok(undefined);
}

async function listsOf(
  { centralBank }: Core,
  body: Uint8Array,
): Promise<Result<readonly Uint8Array[], Refusal> | undefined> {
  const answer = await centralBank?.exchangeLists?.(body);
  if (answer?.ok !== true) return answer;
  const lists = decodeSequence(answer.value, { maxItems: MAX_LISTS, maxItemSize: MAX_MESSAGE });
  return lists.ok ? lists : err(refusal("malformed", lists.error.code));
}
