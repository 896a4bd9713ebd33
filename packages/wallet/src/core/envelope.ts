// What travels beside a signed message (protocol document §3.4): certificates for whoever has to verify it.
import {
  attach,
  parseCertificate,
  parseSign1,
  typOf,
  unwrap,
  type Certificate,
  type Chain,
  type Sign1,
} from "@bezant/protocol";
import type { Core } from "./core.ts";
import type { Equipped } from "./identity.ts";

/** The own certificate, of the wallet or of its TA: whose chain its provider knows. */
type Own = { readonly certificate: Uint8Array };

/** The certificate that is attached to a message, if there is one that can be read. Nothing is verified. */
export function attachedCertificate(message: Uint8Array): Certificate | undefined {
  const bytes = open(message)?.kcwt;
  const certificate = bytes === undefined ? undefined : parseCertificate(bytes);
  return certificate?.ok === true ? certificate.value : undefined;
}

/**
 * A request or payment with the chain of its signer's provider, where that is another than the own one and the wallet has
 * met it: neither a TA nor a provider remembers the chains of others.
 */
export function withSignersChain(core: Core, own: Own, message: Uint8Array): Uint8Array {
  const signer = attachedCertificate(message);
  return signer === undefined || isSameIssuer(own, signer) ? message : withChainOf(core, message);
}

/** A message with the chain of whoever issued its signer's certificate, if it has none and the wallet knows it. */
export function withChainOf(core: Core, message: Uint8Array): Uint8Array {
  const signer = attachedCertificate(message);
  const { kcwt: certificate, chain } = open(message) ?? {};
  if (signer === undefined || chain !== undefined) return message;
  const known = core.trust.chainOf(signer.claims.iss, signer.kid);
  return known === undefined ? message : unwrap(attach(message, { certificate, chain: known }));
}

/** An own payment for the payee of a request: with the own chain, where the payee may not know it. */
export function withOwnChain(own: Equipped, request: Uint8Array, payment: Uint8Array): Uint8Array {
  const payee = attachedCertificate(request);
  if (payee !== undefined && isSameIssuer(own, payee)) return payment;
  const { certificate, chain } = own;
  return unwrap(attach(payment, { certificate, chain }));
}

/**
 * The own provider's word on a payment to this wallet, for its payer, with the chain that it was verified by. What came beside it
 * anybody may have changed, and this wallet needs none of it; it would be of no use to the payer then, for ever.
 */
export function forPayer(
  own: Own,
  payment: Uint8Array,
  word: Uint8Array,
  chain: Chain,
): Uint8Array {
  const payer = attachedCertificate(payment);
  const { certificate } = own;
  const home = unwrap(parseCertificate(certificate)).claims.iss;
  if (payer?.claims.iss !== home) return unwrap(attach(word, { certificate, chain }));
  return unwrap(attach(word, payer.kid === open(word)?.kid ? {} : { chain }));
}

/** A message of the home provider for the TA, which for a key newer than the one it was certified with needs the chain. */
export function forTa(core: Core, own: Equipped, message: Uint8Array): Uint8Array {
  const { kid, kcwt: certificate, chain } = open(message) ?? {};
  const known = unwrap(parseCertificate(own.certificate)).kid;
  if (kid === undefined || kid === known || chain !== undefined) return message;
  const newer = core.trust.chainOf(own.home, kid);
  return newer === undefined ? message : unwrap(attach(message, { certificate, chain: newer }));
}

/** The same provider, under the same key. */
function isSameIssuer(own: Own, { claims, kid }: Certificate): boolean {
  const issued = unwrap(parseCertificate(own.certificate));
  return claims.iss === issued.claims.iss && kid === issued.kid;
}

function open(message: Uint8Array): Sign1 | undefined {
  const parsed = parseSign1(message, typOf(message) ?? 0);
  return parsed.ok ? parsed.value : undefined;
}
