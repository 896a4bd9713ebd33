import {
  checkEntryTime,
  compareBytes,
  err,
  providerEntry,
  type Refusal,
  type Result,
} from "@bezant/protocol";
import { done, refuse, transact } from "@bezant/service";
import type { Core } from "../core/core.ts";
import { fromProvider } from "../core/hear.ts";
import { lockProvider } from "../core/providers.ts";
import { keepEntry, latestEntry } from "./store.ts";

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
    if (latest !== undefined && BigInt(entry.payload.sequence) <= latest.sequence) {
      const isSame = compareBytes(latest.payload, entry.payloadBytes) === 0;
      if (isSame) return done(new Uint8Array(latest.entry));
      return refuse("entry-outdated", `the directory has number ${latest.sequence}`);
    }
    await keepEntry(transaction, entry);
    return done(entry.bytes);
  });
}
