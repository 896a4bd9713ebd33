import {
  err,
  institutionStatusVerify,
  ok,
  runChecksAsync,
  type Refusal,
  type Result,
  type TrustStore,
  type AsyncVerifier,
  type VerifiedInstitutionStatus,
} from "@bezant/protocol";
import type { Database } from "../db/index.ts";
import type { Clock } from "../environment.ts";
import { fromDatabase } from "../transact.ts";
import { readLists } from "./store.ts";

/** A server that keeps lists in its table `institution_lists`, and believes them. */
export interface Knowing {
  readonly db: Database;
  readonly clock: Clock;
  readonly verifier: AsyncVerifier;
  readonly trust: TrustStore;
}

/** What other servers of this institution were told, or this one before it was started again. */
export async function loadLists(core: Knowing): Promise<Result<void, Refusal>> {
  const stored = await readLists(core.db);
  if (!stored.ok) return err(fromDatabase(stored.error));
  for (const bytes of stored.value) {
    const list = await verifyList(core, bytes);
    // One whose intermediary has ended since says nothing that matters any more.
    if (list.ok) core.trust.revoked.learn(list.value);
  }
  return ok(undefined);
}

/** One list, by whoever it says. */
export async function verifyList(
  { trust, clock, verifier }: Knowing,
  bytes: Uint8Array,
): Promise<Result<VerifiedInstitutionStatus, Refusal>> {
  const pending = institutionStatusVerify(bytes, { trust, now: clock.now() });
  return pending.ok ? runChecksAsync(pending.value, verifier) : pending;
}
