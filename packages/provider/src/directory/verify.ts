import {
  providerEntryVerify,
  runChecksAsync,
  type FromProvider,
  type ProviderEntry,
  type Refusal,
  type Result,
} from "@bezant/protocol";
import type { Core } from "../core/core.ts";
import { unlessDoubted } from "../reported/refuse.ts";

/** An entry of any provider, as far as it counts now and with what is known now of revoked keys. */
export async function verifyEntry(
  core: Core,
  bytes: Uint8Array,
): Promise<Result<FromProvider<ProviderEntry>, Refusal>> {
  const { trust, clock, verifier } = core;
  const pending = providerEntryVerify(bytes, { trust, now: clock.now() });
  const heard = pending.ok ? await runChecksAsync(pending.value, verifier) : pending;
  if (!heard.ok) return heard;
  const believed = await unlessDoubted(core, heard.value.chain);
  return believed.ok ? heard : believed;
}
