import { equal, equalStrings } from "../bytes";
import { contextOfCertificate } from "../cose/context";
import { KEY_ID_SIZE, thumbprint } from "../cose/key";
import { message } from "../cose/message";
import { isSignedBy } from "../cose/signature";
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
  // "every signature verifies (bad-signature)"
  return isCertifiedBy(leaf, provider.key) && hasChainSignatures()
    ? Status.Ok
    : Status.BadSignature;
}

/** The attached chain of the provider that signed `message`, at `T.time`. */
export function certVerifyProvider(): Status {
  // "unknown-issuer without a chain"
  if (message.provider == 0) return Status.UnknownIssuer;
  const read = readAttachedChain();
  if (read != Status.Ok) return read;
  if (!hasChainRoles()) return Status.WrongRole;
  if (!hasChainCurrency(T.currency)) return Status.WrongCurrency;
  if (!equal(message.kid, provider.thumbprint, KEY_ID_SIZE) || !hasChainIssuers())
    return Status.UnknownIssuer;
  if (!isWithin(provider, intermediary)) return Status.WrongValidity;
  if (hasChainExpired(T.time, 0)) return Status.Expired;
  return hasChainSignatures() ? Status.Ok : Status.BadSignature;
}

/**
 * The certificate of a payer or payee, whose role and currency have been checked: "its issuer is home and its kid is
 * providerKid: its signature verifies with providerKey and now <= its exp; otherwise CertVerify with the attached chain."
 */
export function verifyHolder(now: u64, grace: u64): Status {
  if (
    equalStrings(leaf.issuer, leaf.issuerLength, T.home, T.homeLength) &&
    equal(leaf.kid, T.providerKid, KEY_ID_SIZE)
  ) {
    if (!isCertifiedBy(leaf, T.providerKey)) return Status.BadSignature;
    return now > <u64>leaf.exp + grace ? Status.Expired : Status.Ok;
  }
  // "unknown-issuer without one"
  if (message.provider == 0) return Status.UnknownIssuer;
  const read = readAttachedChain();
  if (read != Status.Ok) return read;
  return certVerify(leaf.role, T.currency, now, grace);
}

export function isOf(certificate: Certificate, currency: usize): bool {
  return equal(certificate.currency, currency, 3);
}

function readAttachedChain(): Status {
  const read = readCertificate(provider, message.provider, message.providerLength);
  if (read != Status.Ok) return read;
  return readCertificate(intermediary, message.intermediary, message.intermediaryLength);
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
