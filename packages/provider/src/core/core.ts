import {
  chainVerify,
  keyIdOf,
  ok,
  runChecksAsync,
  TrustStore,
  type CertRefusal,
  type Certified,
  type KeyId,
  type Refusal,
  type Result,
} from "@bezant/protocol";
import { LRUCache } from "lru-cache";
import type { ProviderParts } from "./parts.ts";

/** What every operation works with. */
export interface Core extends ProviderParts {
  readonly trust: TrustStore;
  /** Certificates of TAs and wallets that verified lately. */
  readonly leaves: LRUCache<string, Certified>;
  readonly keyId: KeyId;
}

const LEAVES = 16_384;

/** Fails where the provider's own chain does not lead to the root that it is to serve. */
export async function createCore(
  parts: ProviderParts,
): Promise<Result<Core, CertRefusal | Refusal<"bad-signature">>> {
  const { root, currency, chain } = parts.identity;
  const trust = new TrustStore({ root, currency });
  const pending = chainVerify({ chain, trust, now: parts.clock.now() });
  if (!pending.ok) return pending;
  const verified = await runChecksAsync(pending.value, parts.verifier);
  if (!verified.ok) return verified;
  const leaves = new LRUCache<string, Certified>({ max: LEAVES });
  return ok({ ...parts, trust, leaves, keyId: keyIdOf(parts.signer.publicKey) });
}
