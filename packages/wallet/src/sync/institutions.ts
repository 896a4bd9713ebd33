import { ok, type Result } from "@bezant/protocol";
import type { Core } from "../core/core.ts";
import type { Online } from "../core/identity.ts";
import { isUnsettled } from "../core/stop.ts";
import type { WalletRefusal } from "../refusals.ts";

/**
 * Gives the provider the status lists of institutions that this wallet has met, and learns from those that it has not. A list that
 * does not verify is none: the answer says how many were new, and nothing hangs on there being any.
 */
export async function exchangeLists(
  core: Core,
  { client }: Pick<Online, "client">,
): Promise<Result<number, WalletRefusal>> {
  const answer = await client.exchangeLists(core.trust.lists());
  if (!answer.ok) return isUnsettled(answer.error) ? answer : ok(0);
  let learnt = 0;
  for (const list of answer.value) {
    const learning = await core.trust.learn(list, core.now());
    if (learning.ok && learning.value) learnt += 1;
  }
  return ok(learnt);
}

/** Learns from a status list of institutions that somebody hands over, as a file or with a payment; false: it is not new. */
export function learnInstitutions(core: Core, list: Uint8Array) {
  return core.trust.learn(list, core.now());
}

/** The newest status lists of institutions, to hand on. */
export function institutionLists(core: Core): Promise<Result<readonly Uint8Array[], never>> {
  return Promise.resolve(ok(core.trust.lists()));
}
