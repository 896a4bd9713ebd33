import type { Brand } from "../brand.ts";
import { chainVerify, type CertRefusal } from "../certificate/cert-verify.ts";
import { bytesOf, type VerifiedChain } from "../certificate/trust-store.ts";
import { refusal, type Refusal } from "../errors.ts";
import type { ProviderId, TaId } from "../ids.ts";
import { homeToTa } from "../messages/contexts.ts";
import type { Message, Parsed } from "../messages/message.ts";
import { err, ok, type Result } from "../result.ts";
import { andThen, type Pending } from "./checks.ts";
import type { Trust } from "./pay-verify.ts";

/** What a TA's home provider said to it, with the bytes that prove it. */
export type FromHome<P> = Brand<
  { readonly payload: P; readonly home: ProviderId; readonly bytes: Uint8Array },
  "FromHome"
>;

/**
 * A message of the home provider to one of its TAs: confirmations, acknowledgements, limits, sync responses. The TA
 * checks for itself; this is for the wallet that carries them.
 */
export function homeVerify<P>(
  message: Message<P>,
  bytes: Uint8Array,
  { home, ta, ...trusted }: Trust & { readonly home: ProviderId; readonly ta: TaId },
): Result<Pending<FromHome<P>>, CertRefusal | Refusal<"not-home">> {
  const parsed = message.parse(bytes);
  if (!parsed.ok) return parsed;
  const signer = signingChain(parsed.value, home, trusted);
  if (!signer.ok) return signer;
  const { provider, chain } = signer.value;
  if (provider.claims.sub !== home) return err(refusal("not-home"));

  const context = homeToTa({ currency: trusted.trust.currency, home, ta });
  const check = message.signatureCheck(parsed.value, context, provider.claims.key);
  const { payload } = parsed.value;
  return ok(andThen(chain, [check], () => ({ payload, home, bytes }) as FromHome<P>));
}

/** The provider that claims to have signed, and the chain that still has to be verified for it. */
export type SigningChain = {
  readonly provider: VerifiedChain["provider"];
  readonly chain: Pending<VerifiedChain>;
};

/** The chain of a provider's message: the attached one, or else that of `home` if it is known with this key. */
export function signingChain<P>(
  { kid, chain: attached }: Parsed<P>,
  home: ProviderId,
  { trust, now }: Trust,
): Result<SigningChain, CertRefusal> {
  if (kid === undefined) return err(refusal("unknown-issuer"));
  const known = trust.find(home, kid);
  const bytes = attached ?? (known === undefined ? undefined : bytesOf(known));
  if (bytes === undefined) return err(refusal("unknown-issuer"));
  const chain = chainVerify({ chain: bytes, trust, now, asSigner: true });
  if (!chain.ok) return chain;
  const { provider, providerKid } = chain.value.claimed;
  // The `kid` is a hint that selects a key; here there is one key, and it has to be that one.
  if (providerKid !== kid) return err(refusal("unknown-issuer"));
  return ok({ provider, chain: chain.value });
}
