import { contextOfInstitution } from "../cose/context";
import { ID_SIZE } from "../cose/key";
import { message } from "../cose/message";
import { isSignedBy } from "../cose/signature";
import { isRevokedKey } from "../state/pins";
import { T } from "../state/state";
import { Status } from "../status";
import { provider } from "./certificate";
import { certVerifyProvider, isHome, isProviderKey } from "./chain";

/** `message` is signed by the home provider for this TA. */
export function verifySignedByHome(): Status {
  // "verified with providerKey if its kid is providerKid and providerExp has not passed"
  if (isByProviderKey()) return verify(T.home, T.homeLength, T.providerKey, T.id, ID_SIZE);
  // "otherwise its chain must be attached, pass CertVerify at time for role provider"
  const status = certVerifyProvider(message, T.time, 0);
  if (status != Status.Ok) return status;
  // "and name home (not-home for another provider)"
  if (!isHome(provider.subject, provider.subjectLength)) return Status.NotHome;
  return verify(T.home, T.homeLength, provider.key, T.id, ID_SIZE);
}

/** `message` is signed for anybody "by home or by the provider of an attached chain". */
export function verifySignedByProvider(): Status {
  if (isByProviderKey()) return verify(T.home, T.homeLength, T.providerKey, 0, 0);
  const status = certVerifyProvider(message, T.time, 0);
  if (status != Status.Ok) return status;
  return verify(provider.subject, provider.subjectLength, provider.key, 0, 0);
}

/** Whether the provider that signed the verified `message` is the home provider. */
export function signedByHome(): bool {
  return isByProviderKey() || isHome(provider.subject, provider.subjectLength);
}

function isByProviderKey(): bool {
  return isProviderKey(message.kid, T.time, 0);
}

/** "Then its signature (bad-signature)." */
function verify(
  name: usize,
  nameLength: u32,
  key: usize,
  audience: usize,
  audienceLength: u32,
): Status {
  // "Its kid is no revoked key (issuer-revoked)": it says no time at which that signed.
  if (isRevokedKey(message.kid, u64.MAX_VALUE)) return Status.IssuerRevoked;
  contextOfInstitution(message.typ, T.currency, name, nameLength, audience, audienceLength);
  return isSignedBy(message, key) ? Status.Ok : Status.BadSignature;
}
