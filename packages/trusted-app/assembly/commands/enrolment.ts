import { copy, equal, equalStrings } from "../bytes";
import { lastLength, readArray, readBytes } from "../cbor/reader";
import { intermediary, leaf, provider, readCertificate, Role } from "../certificate/certificate";
import { certVerify, isOf } from "../certificate/chain";
import { contextOfInstitution } from "../cose/context";
import { ID_SIZE, KEY_ID_SIZE, KEY_SIZE } from "../cose/key";
import { closeMessage, MAX_CERTIFICATE, MAX_MESSAGE, message, openMessage } from "../cose/message";
import { isSignedBy } from "../cose/signature";
import { Typ } from "../cose/typ";
import { adoptLimits, limits, readLimits } from "../messages/limits";
import { outputNothing } from "../output";
import { Phase, setCertificate, setHome, T } from "../state/state";
import { Status } from "../status";
import { checkInput } from "./input";

const CURRENCY_SIZE: u32 = 3;

let certificateAt: usize = 0;
let certificateLength: u32 = 0;
let providerAt: usize = 0;
let providerLength: u32 = 0;
let intermediaryAt: usize = 0;
let intermediaryLength: u32 = 0;
let profileAt: usize = 0;
let profileLength: u32 = 0;

/** CertInit: the certificate that makes this TA its provider's. */
export function certInit(): Status {
  readEnrolment();
  const refused = checkInput(Phase.Initialised);
  if (refused != Status.Ok) return refused;
  const status = verifyEnrolment();
  if (status != Status.Ok) return status;

  adoptEnrolment();
  // "Phase becomes active."
  T.phase = Phase.Active;
  outputNothing();
  return Status.Ok;
}

/** Renew: a later certificate of the same key by the same provider, or its new limits. */
export function renew(): Status {
  readEnrolment();
  const refused = checkInput(Phase.Active);
  if (refused != Status.Ok) return refused;
  const status = verifyEnrolment();
  if (status != Status.Ok) return status;
  // "after all of its checks: home and currency are the same (not-home, wrong-currency)"
  if (!equalStrings(leaf.issuer, leaf.issuerLength, T.home, T.homeLength)) return Status.NotHome;
  if (!isOf(leaf, T.currency)) return Status.WrongCurrency;
  // "serial is higher (stale-serial)"
  if (leaf.serial <= T.serial) return Status.StaleSerial;
  // "the profile's version is not lower than the current one's (stale-limits)"
  if (limits.version < T.limitsVersion) return Status.StaleLimits;

  adoptEnrolment();
  outputNothing();
  return Status.Ok;
}

/** `[certificate, chain, limits-profile]` */
function readEnrolment(): void {
  readArray(3);
  certificateAt = readBytes(0, MAX_CERTIFICATE);
  certificateLength = lastLength();
  readArray(2);
  providerAt = readBytes(0, MAX_CERTIFICATE);
  providerLength = lastLength();
  intermediaryAt = readBytes(0, MAX_CERTIFICATE);
  intermediaryLength = lastLength();
  profileAt = readBytes(0, MAX_MESSAGE);
  profileLength = lastLength();
}

function verifyEnrolment(): Status {
  // "CertVerify of certificate and chain against anchor at time for role TA, its own currency being taken from the
  // certificate (wrong-currency if the chain's differ)"
  const certified = verifyCertificate();
  if (certified != Status.Ok) return certified;
  // "its key is vk (wrong-key)"
  if (!equal(leaf.key, T.vk, KEY_SIZE)) return Status.WrongKey;
  // "the limits profile decodes"
  const read = readProfile();
  if (read != Status.Ok) return read;
  // "its kid is that of the chain's provider (unknown-issuer)"
  if (!equal(message.kid, provider.thumbprint, KEY_ID_SIZE)) return Status.UnknownIssuer;
  // "it is signed by that provider for this TA (bad-signature)"
  const currency = leaf.currency;
  contextOfInstitution(
    Typ.LimitsProfile,
    currency,
    provider.subject,
    provider.subjectLength,
    T.id,
    ID_SIZE,
  );
  if (!isSignedBy(message, provider.key)) return Status.BadSignature;
  // "its profile id is the certificate's (wrong-limits)"
  return limits.profile == leaf.profile ? Status.Ok : Status.WrongLimits;
}

function verifyCertificate(): Status {
  let read = readCertificate(leaf, certificateAt, certificateLength);
  if (read != Status.Ok) return read;
  read = readCertificate(provider, providerAt, providerLength);
  if (read != Status.Ok) return read;
  read = readCertificate(intermediary, intermediaryAt, intermediaryLength);
  if (read != Status.Ok) return read;
  return certVerify(Role.Ta, leaf.currency, T.time, 0);
}

function readProfile(): Status {
  const opened = openMessage(message, profileAt, profileLength, Typ.LimitsProfile);
  if (opened != Status.Ok) return opened;
  readLimits();
  return closeMessage(message, true);
}

/** "Set cert, home, currency, exp, serial, provider key, limits; time = max(time, certificate's nbf)." */
function adoptEnrolment(): void {
  setCertificate(certificateAt, certificateLength);
  setHome(leaf.issuer, leaf.issuerLength);
  copy(T.currency, leaf.currency, CURRENCY_SIZE);
  T.exp = leaf.exp;
  T.serial = leaf.serial;
  copy(T.providerKey, provider.key, KEY_SIZE);
  copy(T.providerKid, provider.thumbprint, KEY_ID_SIZE);
  T.providerExp = provider.exp;
  adoptLimits();
  T.time = max(T.time, leaf.nbf);
}
