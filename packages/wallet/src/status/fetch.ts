import type { Core } from "../core/core.ts";
import type { Online } from "../core/identity.ts";
import type { WalletRefusal } from "../refusals.ts";
import { chunksOf, chunksOfOthers, keepChunk } from "./chunks.ts";

/** Chunks of others that a provider takes at once. */
const MOST = 64;

export type FetchedStatus = {
  /** Of the provider's list that the wallet now has. */
  readonly epoch?: number;
  /** Why it could not be fetched. Everything else works without. */
  readonly refused?: WalletRefusal;
};

/**
 * Fetches the own provider's status list, whole, so that the provider does not learn whom the wallet is about to meet, and
 * hands it what the wallet has met of other providers' lists.
 */
export async function fetchStatus(
  core: Core,
  { client, provider }: Online,
): Promise<FetchedStatus> {
  return core.exclusive("status", async () => {
    const list = await client.statusList();
    if (!list.ok) return { refused: list.error };
    for (const message of list.value) {
      const kept = await keepChunk(core, message);
      if (!("isNew" in kept)) return { refused: kept };
    }
    const others = await chunksOfOthers(core, provider);
    if (others.length > 0) {
      const given = await client.giveStatus(others.slice(0, MOST));
      if (!given.ok) return { refused: given.error };
    }
    const known = await chunksOf(core, provider);
    const epochs = known.map(({ chunk }) => chunk.epoch);
    return epochs.length === 0 ? {} : { epoch: Math.max(...epochs) };
  });
}
