import {
  chainVerify,
  err,
  keyIdOf,
  ok,
  PAYMENT_GRACE,
  refusal,
  runChecksAsync,
  TrustStore,
  type CertRefusal,
  type Certified,
  type Chain,
  type KeyId,
  type Refusal,
  type Result,
  type WalletId,
} from "@bezant/protocol";
import { LRUCache } from "lru-cache";
import { loadLists } from "@bezant/service/institutions";
import { Reported } from "../reported/confirm.ts";
import type { ProviderParts } from "./parts.ts";

/** What every operation works with. */
export interface Core extends ProviderParts {
  readonly trust: TrustStore;
  /** What the central bank was told of certificates of keys that are revoked now. */
  readonly reported: Reported;
  /** Certificates of TAs and wallets that verified lately. */
  readonly leaves: LRUCache<string, Certified>;
  /** Certificates of own wallets that outcomes for other providers' TAs carried lately. */
  readonly walletCertificates: LRUCache<WalletId, Uint8Array>;
  readonly keyId: KeyId;
  /** The own chain under which the key with this id certifies, or did before a rollover. */
  readonly chainOf: (kid: KeyId) => Chain;
}

const LEAVES = 16_384;

/** Fails where the provider's own chain does not lead to the root that it is to serve. */
export async function createCore(parts: ProviderParts): Promise<Result<Core, Refusal>> {
  const { root, currency, chain } = parts.identity;
  const trust = new TrustStore({ root, currency });
  const lists = await loadLists({ ...parts, trust });
  if (!lists.ok) return lists;
  const pending = chainVerify({ chain, trust, now: parts.clock.now(), asSigner: true });
  if (!pending.ok) return pending;
  const verified = await runChecksAsync(pending.value, parts.verifier);
  if (!verified.ok) return verified;
  const earlier = await earlierChains(parts, trust);
  if (!earlier.ok) return earlier;
  const leaves = new LRUCache<string, Certified>({ max: LEAVES });
  const walletCertificates = new LRUCache<WalletId, Uint8Array>({ max: LEAVES });
  const chainOf = (kid: KeyId): Chain => earlier.value.get(kid) ?? chain;
  const keyId = keyIdOf(parts.signer.publicKey);
  const reported = new Reported({ ...parts, trust });
  return ok({ ...parts, trust, reported, leaves, walletCertificates, keyId, chainOf });
}

/**
 * The chains of earlier keys, by key id, for the trust store to know: payments of a TA that such a key certified come without a
 * chain. One that ended longer ago than anybody honours is left out; any other mistake is one of the configuration.
 */
async function earlierChains(
  { identity, clock, verifier }: ProviderParts,
  trust: TrustStore,
): Promise<Result<ReadonlyMap<KeyId, Chain>, CertRefusal | Refusal<"bad-signature" | "not-home">>> {
  const known = new Map<KeyId, Chain>();
  for (const chain of identity.earlier ?? []) {
    const pending = chainVerify({ chain, trust, now: clock.now(), grace: PAYMENT_GRACE });
    if (!pending.ok && pending.error.code === "expired") continue;
    if (!pending.ok) return pending;
    const verified = await runChecksAsync(pending.value, verifier);
    if (!verified.ok) return verified;
    if (verified.value.providerId !== identity.id) return err(refusal("not-home"));
    known.set(verified.value.providerKid, chain);
  }
  return ok(known);
}
