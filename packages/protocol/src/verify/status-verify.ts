import type { Brand } from "../brand.ts";
import type { CertRefusal } from "../certificate/cert-verify.ts";
import type { VerifiedChain } from "../certificate/trust-store.ts";
import { refusal, type Refusal } from "../errors.ts";
import type { ProviderId } from "../ids.ts";
import { providerToAnybody } from "../messages/contexts.ts";
import { statusChunk, type StatusChunk } from "../messages/status-chunk.ts";
import { err, ok, type Result } from "../result.ts";
import { andThen, type Pending } from "./checks.ts";
import { signingChain } from "./home-verify.ts";
import type { Trust } from "./pay-verify.ts";

/** A part of the status list of a provider, which that provider signed. */
export type VerifiedStatus = Brand<
  {
    readonly issuer: ProviderId;
    readonly chunk: StatusChunk;
    readonly bytes: Uint8Array;
    /** Of the key that signed it. */
    readonly chain: VerifiedChain;
  },
  "VerifiedStatus"
>;

/**
 * A chunk of this provider's list (§18.4): its chain is attached, or known for the key that signed. Whether it covers a
 * certificate, and is young enough, `standingOf` says.
 */
export function statusVerify(
  bytes: Uint8Array,
  { issuer, ...trusted }: Trust & { readonly issuer: ProviderId },
): Result<Pending<VerifiedStatus>, CertRefusal | Refusal<"not-home">> {
  const parsed = statusChunk.parse(bytes);
  if (!parsed.ok) return parsed;
  const signer = signingChain(parsed.value, issuer, trusted);
  if (!signer.ok) return signer;
  const { provider, chain } = signer.value;
  if (provider.claims.sub !== issuer) return err(refusal("not-home"));
  const context = providerToAnybody({ currency: trusted.trust.currency, provider: issuer });
  const check = statusChunk.signatureCheck(parsed.value, context, provider.claims.key);
  const { payload: chunk } = parsed.value;
  return ok(
    andThen(
      chain,
      [check],
      (verified) => ({ issuer, chunk, bytes, chain: verified }) as VerifiedStatus,
    ),
  );
}
