import {
  err,
  institutionStatusVerify,
  ok,
  runChecksAsync,
  type Refusal,
  type Result,
  type TrustStore,
  type VerifiedInstitutionStatus,
} from "@bezant/protocol";
import { fromDatabase } from "@bezant/service";
import type { CentralBankParts } from "../core/parts.ts";
import { readLists } from "./store.ts";

type Knowing = Pick<CentralBankParts, "db" | "clock" | "verifier"> & { readonly trust: TrustStore };

/** What other servers of this central bank were told, or this one before it was started again. */
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
