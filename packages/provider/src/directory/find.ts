import type { ProviderId } from "@bezant/protocol";
import type { Core } from "../core/core.ts";
import type { OtherProvider } from "../elsewhere/other-provider.ts";
import { readEntry } from "./store.ts";
import { verifyEntry } from "./verify.ts";

/**
 * The way to another provider that the operator has not configured, by its own entry. It is verified again: since it was pulled it
 * may have ended, or its key been revoked.
 */
export async function findProvider(core: Core, id: ProviderId): Promise<OtherProvider | undefined> {
  const entry = await readEntry(core.db, id);
  if (!entry.ok || entry.value === undefined) return undefined;
  const verified = await verifyEntry(core, entry.value);
  if (!verified.ok || verified.value.provider !== id) return undefined;
  return core.providerAt?.(id, verified.value.payload.address);
}
