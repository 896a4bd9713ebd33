import { equal, equalStrings } from "../bytes";
import { contextOfCertificate } from "../cose/context";
import { KEY_ID_SIZE, thumbprint } from "../cose/key";
import { Message, message } from "../cose/message";
import { isSignedBy } from "../cose/signature";
import { isRevokedKey } from "../state/pins";
import { T } from "../state/state";
import { Status } from "../status";
import { Certificate, intermediary, leaf, provider, readCertificate, Role } from "./certificate";

/**
 * CertVerify (docs/protocol.md §4.3) against the pinned anchor, of certificates that have been read: `leaf`, `provider` and
 * `intermediary`, or `provider` and `intermediary` alone, where the message's `kid` stands for the leaf's.
 */

const ANCHOR_THUMBPRINT = memory.data(32);

/** A leaf whose role must be `role`; `grace` extends each certificate's validity (§13.3). */
export function certVerify(role: i32, currency: usize, now: u64, grace: u64): Status {
  // "roles are exactly leaf, provider, intermediary (wrong-role)"
  if (leaf.role != role || !hasChainRoles()) return Status.WrongRole;
  // "every currency is the expected one (wrong-currency)"
  if (!isOf(leaf, currency) || !hasChainCurrency(currency)) return Status.WrongCurrency;
  // "each iss is the next one's sub, each kid is the key id of the next one's key (unknown-issuer)"
  if (!isIssuedBy(leaf, provider) || !hasChainIssuers()) return Status.UnknownIssuer;
  // "each certificate's validity lies within its issuer's (wrong-validity)"
  if (!isWithin(leaf, provider) || !isWithin(provider, intermediary)) return Status.WrongValidity;
  // "now <= exp + grace (expired)"
  if (now > <u64>leaf.exp + grace || hasChainExpired(now, grace)) return Status.Expired;
  // "no key of it is revoked (issuer-revoked)"
  if (isRevoked(leaf) || isChainRevoked()) return Status.IssuerRevoked;
  // "every signature verifies (bad-signature)"
  return isCertifiedBy(leaf, provider.key) && hasChainSignatures()
    ? Status.Ok
    : Status.BadSignature;
}

/** The chain attached to `signed`, of the provider that signed it. */
export function certVerifyProvider(signed: Message, now: u64, grace: u64): Status {
  // "unknown-issuer without a chain"
  if (signed.provider == 0) return Status.UnknownIssuer;
  const read = readAttachedChain(signed);
  if (read != Status.Ok) return read;
  if (!hasChainRoles()) return Status.WrongRole;
  if (!hasChainCurrency(T.currency)) return Status.WrongCurrency;
  if (!equal(signed.kid, provider.thumbprint, KEY_ID_SIZE) || !hasChainIssuers())
    return Status.UnknownIssuer;
  if (!isWithin(provider, intermediary)) return Status.WrongValidity;
  if (hasChainExpired(now, grace)) return Status.Expired;
  if (isChainRevoked()) return Status.IssuerRevoked;
  return hasChainSignatures() ? Status.Ok : Status.BadSignature;
}

/** The key that `verifyHolder` has found to have certified `leaf`. */
export let issuerKey: usize = 0;

/**
 * The certificate of a payer or payee, whose role and currency have been checked: "its issuer is home and its kid is
 * providerKid, which has not ended: its signature verifies with providerKey; otherwise CertVerify with the attached chain".
 */
export function verifyHolder(now: u64, grace: u64): Status {
  if (isHome(leaf.issuer, leaf.issuerLength) && isProviderKey(leaf.kid, now, grace)) {
    issuerKey = T.providerKey;
    if (!isCertifiedBy(leaf, issuerKey)) return Status.BadSignature;
    if (now > <u64>leaf.exp + grace) return Status.Expired;
    return isRevoked(leaf) ? Status.IssuerRevoked : Status.Ok;
  }
  // "unknown-issuer without one"
  if (message.provider == 0) return Status.UnknownIssuer;
  const read = readAttachedChain(message);
  if (read != Status.Ok) return read;
  issuerKey = provider.key;
  return certVerify(leaf.role, T.currency, now, grace);
}

/** Whether a message or certificate names the stored key of the home provider, and that key's certificate has not ended. */
export function isProviderKey(kid: usize, now: u64, grace: u64): bool {
  return equal(kid, T.providerKid, KEY_ID_SIZE) && now <= <u64>T.providerExp + grace;
}

export function isHome(name: usize, length: u32): bool {
  return equalStrings(name, length, T.home, T.homeLength);
}

function isChainRevoked(): bool {
  return isRevoked(provider) || isRevoked(intermediary);
}

/** "What a revoked key signed with nbf after its time is not believed." */
function isRevoked(certificate: Certificate): bool {
  return isRevokedKey(certificate.kid, certificate.nbf);
}

export function isOf(certificate: Certificate, currency: usize): bool {
  return equal(certificate.currency, currency, 3);
}

function readAttachedChain(signed: Message): Status {
  const read = readCertificate(provider, signed.provider, signed.providerLength);
  if (read != Status.Ok) return read;
  return readCertificate(intermediary, signed.intermediary, signed.intermediaryLength);
}

function hasChainRoles(): bool {
  return provider.role == Role.Provider && intermediary.role == Role.Intermediary;
}

function hasChainCurrency(currency: usize): bool {
  return isOf(provider, currency) && isOf(intermediary, currency);
}

/** "Of the root it knows only the key, so the intermediary's iss is bound by the root's signature alone" (§13.3). */
function hasChainIssuers(): bool {
  if (!thumbprint(T.anchor, ANCHOR_THUMBPRINT)) unreachable();
  return (
    isIssuedBy(provider, intermediary) && equal(intermediary.kid, ANCHOR_THUMBPRINT, KEY_ID_SIZE)
  );
}

function hasChainExpired(now: u64, grace: u64): bool {
  return now > <u64>provider.exp + grace || now > <u64>intermediary.exp + grace;
}

function hasChainSignatures(): bool {
  return isCertifiedBy(provider, intermediary.key) && isCertifiedBy(intermediary, T.anchor);
}

function isIssuedBy(certificate: Certificate, issuer: Certificate): bool {
  return (
    equalStrings(
      certificate.issuer,
      certificate.issuerLength,
      issuer.subject,
      issuer.subjectLength,
    ) && equal(certificate.kid, issuer.thumbprint, KEY_ID_SIZE)
  );
}

function isWithin(certificate: Certificate, issuer: Certificate): bool {
  return certificate.nbf >= issuer.nbf && certificate.exp <= issuer.exp;
}

function isCertifiedBy(certificate: Certificate, key: usize): bool {
  contextOfCertificate(certificate.currency, certificate.issuer, certificate.issuerLength);
  return isSignedBy(certificate, key);
}
