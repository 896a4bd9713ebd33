import type { Brand } from "../brand.ts";
import {
  centralBankCertVerify,
  chainVerify,
  type CertRefusal,
} from "../certificate/cert-verify.ts";
import type { VerifiedChain } from "../certificate/trust-store.ts";
import { refusal, type Refusal } from "../errors.ts";
import type { InstitutionId, ProviderId } from "../ids.ts";
import { betweenInstitutions } from "../messages/contexts.ts";
import type { Message } from "../messages/message.ts";
import { err, ok, type Result } from "../result.ts";
import { andThen, type Pending } from "./checks.ts";
import type { Trust } from "./pay-verify.ts";

/** What the central bank said to one institution, with the bytes that prove it. */
export type FromCentralBank<P> = Brand<
  {
    readonly payload: P;
    readonly payloadBytes: Uint8Array;
    readonly centralBank: InstitutionId;
    readonly bytes: Uint8Array;
  },
  "FromCentralBank"
>;

/** A message of the central bank to `audience`; its service's certificate is attached (§15.2). */
export function centralBankVerify<P>(
  message: Message<P>,
  bytes: Uint8Array,
  { audience, trust, now }: Trust & { readonly audience: InstitutionId },
): Result<Pending<FromCentralBank<P>>, CertRefusal | Refusal<"missing-certificate">> {
  const parsed = message.parse(bytes);
  if (!parsed.ok) return parsed;
  const { certificate, kid, payload, payloadBytes } = parsed.value;
  if (certificate === undefined) return err(refusal("missing-certificate"));
  const service = centralBankCertVerify({ certificate, trust, now });
  if (!service.ok) return service;
  const { id, claims, keyId } = service.value.claimed;
  if (keyId !== kid) return err(refusal("unknown-issuer"));
  const { currency } = trust;
  const context = betweenInstitutions({ currency, signer: id, audience });
  const check = message.signatureCheck(parsed.value, context, claims.key);
  return ok(
    andThen(
      service.value,
      [check],
      () => ({ payload, payloadBytes, centralBank: id, bytes }) as FromCentralBank<P>,
    ),
  );
}

/** What a provider said to the central bank or another provider, with the bytes that prove it. */
export type FromProvider<P> = Brand<
  {
    readonly payload: P;
    readonly payloadBytes: Uint8Array;
    readonly provider: ProviderId;
    /** Under which it signed. */
    readonly chain: VerifiedChain;
    readonly bytes: Uint8Array;
  },
  "FromProvider"
>;

/** A message of a provider to the central bank (§15.2), or another provider; its chain is attached. */
export function providerVerify<P>(
  message: Message<P>,
  bytes: Uint8Array,
  { audience, trust, now }: Trust & { readonly audience: InstitutionId },
): Result<Pending<FromProvider<P>>, CertRefusal | Refusal<"missing-certificate">> {
  const parsed = message.parse(bytes);
  if (!parsed.ok) return parsed;
  const { chain, kid, payload, payloadBytes } = parsed.value;
  if (chain === undefined) return err(refusal("missing-certificate"));
  const verified = chainVerify({ chain, trust, now, asSigner: true });
  if (!verified.ok) return verified;
  const { provider, providerId, providerKid } = verified.value.claimed;
  if (providerKid !== kid) return err(refusal("unknown-issuer"));
  const context = betweenInstitutions({ currency: trust.currency, signer: providerId, audience });
  const check = message.signatureCheck(parsed.value, context, provider.claims.key);
  return ok(
    andThen(
      verified.value,
      [check],
      (known) =>
        ({ payload, payloadBytes, provider: providerId, chain: known, bytes }) as FromProvider<P>,
    ),
  );
}
