import {
  checkEntryTime,
  equalBytes,
  err,
  isTakenBack,
  providerEntry,
  type Refusal,
  type Result,
} from "@bezant/protocol";
import { done, refuse, transact } from "@bezant/service";
import type { Core } from "../core/core.ts";
import { fromProvider } from "../core/hear.ts";
import { lockProvider } from "../core/providers.ts";
import { keepEntry, latestEntry, type EntryRow } from "./store.ts";

/**
 * Takes a provider's entry (§16.5): the newest counts, and an older one never comes back, whoever has kept it. One for each
 * provider that has an account, so the directory is as large as the book.
 * @returns the entry that the directory has now
 */
export async function acceptEntry(
  core: Core,
  body: Uint8Array,
): Promise<Result<Uint8Array, Refusal>> {
  const heard = await fromProvider(core, providerEntry, body);
  if (!heard.ok) return heard;
  const entry = heard.value;
  const untimely = checkEntryTime(entry.payload, core.clock.now());
  if (untimely !== undefined) return err(untimely);
  return transact(core.db, async (transaction) => {
    const row = await lockProvider(transaction, entry.provider);
    if (row === undefined) return refuse("unknown-provider");
    const latest = await latestEntry(transaction, entry.provider);
    if (latest !== undefined && !isAbove(core, entry.payload.sequence, latest)) {
      if (equalBytes(latest.payload, entry.payloadBytes)) return done(new Uint8Array(latest.entry));
      return refuse("entry-outdated", `the directory has number ${latest.sequence}`);
    }
    await keepEntry(transaction, entry);
    return done(entry.bytes);
  });
}

/** What a stolen key has entered holds no place once that key is revoked, however high its number is. */
function isAbove({ trust, clock }: Core, sequence: number, latest: EntryRow): boolean {
  if (BigInt(sequence) > latest.sequence) return true;
  return isTakenBack(latest.entry, { trust, now: clock.now() });
}
