import type { ProviderId, Seconds } from "../ids.ts";
import type { Certificate } from "./certificate.ts";
import type { RevokedKeys } from "./revoked-keys.ts";
import type { VerifiedChain } from "./trust-store.ts";

/**
 * A certificate that says it is older than the revocation of the key that signed it. A stolen key can say so, too: only what the
 * central bank was told by then is believed (§16.3.5).
 */
export type Doubt = {
  readonly certificate: Uint8Array;
  /** Whose reports would name it. */
  readonly provider: ProviderId;
  /** The last second of what the key signed that is believed. */
  readonly until: Seconds;
};

/** What has to be asked about a verified chain, and about the certificate that its provider issued, if there is one. */
export function doubtsAbout(
  { provider, intermediary, providerId, providerKid, intermediaryKid }: VerifiedChain,
  leaf: Certificate | undefined,
  revoked: RevokedKeys,
): readonly Doubt[] {
  const doubts: Doubt[] = [];
  const add = ({ bytes }: Certificate, until: Seconds | undefined): void => {
    if (until !== undefined) doubts.push({ certificate: bytes, provider: providerId, until });
  };
  if (leaf !== undefined) add(leaf, revoked.since(providerKid, provider.claims.iss));
  add(provider, revoked.since(intermediaryKid, intermediary.claims.iss));
  return doubts;
}
