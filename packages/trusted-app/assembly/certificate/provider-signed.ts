import { equal, equalStrings } from "../bytes";
import { contextOfInstitution } from "../cose/context";
import { ID_SIZE, KEY_ID_SIZE } from "../cose/key";
import { message } from "../cose/message";
import { isSignedBy } from "../cose/signature";
import { T } from "../state/state";
import { Status } from "../status";
import { provider } from "./certificate";
import { certVerifyProvider } from "./chain";

/** `message` is signed by the home provider for this TA. */
export function verifySignedByHome(): Status {
  // "verified with providerKey if its kid is providerKid"
  if (isByProviderKey()) return verify(T.home, T.homeLength, T.providerKey, T.id, ID_SIZE);
  // "otherwise its chain must be attached, pass CertVerify at time for role provider"
  const status = certVerifyProvider();
  if (status != Status.Ok) return status;
  // "and name home (not-home for another provider)"
  if (!isHome(provider.subject, provider.subjectLength)) return Status.NotHome;
  return verify(T.home, T.homeLength, provider.key, T.id, ID_SIZE);
}

/** `message` is signed for anybody "by home or by the provider of an attached chain". */
export function verifySignedByProvider(): Status {
  if (isByProviderKey()) return verify(T.home, T.homeLength, T.providerKey, 0, 0);
  const status = certVerifyProvider();
  if (status != Status.Ok) return status;
  return verify(provider.subject, provider.subjectLength, provider.key, 0, 0);
}

/** Whether the provider that signed the verified `message` is the home provider. */
export function signedByHome(): bool {
  return isByProviderKey() || isHome(provider.subject, provider.subjectLength);
}

function isByProviderKey(): bool {
  return equal(message.kid, T.providerKid, KEY_ID_SIZE);
}

function isHome(name: usize, length: u32): bool {
  return equalStrings(name, length, T.home, T.homeLength);
}

/** "Then its signature (bad-signature)." */
function verify(
  name: usize,
  nameLength: u32,
  key: usize,
  audience: usize,
  audienceLength: u32,
): Status {
  contextOfInstitution(message.typ, T.currency, name, nameLength, audience, audienceLength);
  return isSignedBy(message, key) ? Status.Ok : Status.BadSignature;
}
