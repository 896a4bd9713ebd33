import { compare, copy } from "../bytes";
import {
  lastLength,
  readBool,
  readFixed,
  readKey,
  readMap,
  readNegativeKey,
  readU32,
  readUint,
  require,
  takeKey,
} from "../cbor/reader";
import { readCurrency, readInstitution } from "../cbor/text";
import { thumbprint } from "../cose/key";
import { closeMessage, Message, message, openMessage } from "../cose/message";
import { PRIVATE, Typ } from "../cose/typ";
import { Status } from "../status";

export const enum Role {
  Root = 0,
  Intermediary = 1,
  Provider = 2,
  Wallet = 3,
  Ta = 4,
  OemRoot = 8,
  Device = 9,
}

/** The prime p of P-256 (SP 800-186 §3.2.1.3): a coordinate is below it. */
const PRIME = memory.data<u8>([
  0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
  0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
]);

/** A certificate (docs/protocol.md §4) that was read; `key` and `thumbprint` are behind the fields. */
@unmanaged
export class Certificate extends Message {
  issuer: usize;
  issuerLength: u32;
  subject: usize;
  subjectLength: u32;
  exp: u32;
  nbf: u32;
  role: i32;
  currency: usize;
  serial: u32;
  profile: u32;
  hasIndex: bool;
  /** In its issuer's status list. */
  index: u32;

  /** The compressed key of `cnf`, 33 bytes. */
  get key(): usize {
    return changetype<usize>(this) + offsetof<Certificate>();
  }

  /** Of the key, 32 bytes. */
  get thumbprint(): usize {
    return changetype<usize>(this) + offsetof<Certificate>() + 40;
  }
}

/** The three places of a chain. */
export const leaf = changetype<Certificate>(memory.data(offsetof<Certificate>() + 72, 8));
export const provider = changetype<Certificate>(memory.data(offsetof<Certificate>() + 72, 8));
export const intermediary = changetype<Certificate>(memory.data(offsetof<Certificate>() + 72, 8));

/**
 * "Each certificate decodes, has typ 65000 and algorithm ESP256 (malformed, wrong-type, unsupported-algorithm; also
 * malformed if a claim is present or absent against its role), and its key is a point of the curve (bad-key)." What is
 * given here has at most 256 bytes.
 */
export function readCertificate(into: Certificate, at: usize, length: u32): Status {
  const opened = openMessage(into, at, length, Typ.Certificate);
  if (opened != Status.Ok) return opened;
  readClaims(into);
  const closed = closeMessage(into, true);
  if (closed != Status.Ok) return closed;
  // "Its own unprotected header is empty (malformed), so that nobody can give one certificate a second hash."
  if (into.certificate != 0 || into.provider != 0) return Status.Malformed;
  return thumbprint(into.key, into.thumbprint) ? Status.Ok : Status.BadKey;
}

/** The certificate of whoever signed `message`, as `leaf`: "certificate attached (missing-certificate)". */
export function readAttachedCertificate(): Status {
  if (message.certificate == 0) return Status.MissingCertificate;
  return readCertificate(leaf, message.certificate, message.certificateLength);
}

/** `claims = { 1: iss, ? 2: sub, 4: exp, 5: nbf, 8: cnf, -65537: … }` */
function readClaims(into: Certificate): void {
  const entries = readMap(5, 6);
  readKey(1);
  into.issuer = readInstitution();
  into.issuerLength = lastLength();
  const named = takeKey(2);
  into.subject = named ? readInstitution() : 0;
  into.subjectLength = named ? lastLength() : 0;
  require(entries == (named ? 6 : 5));
  readKey(4);
  into.exp = readU32();
  readKey(5);
  into.nbf = readU32();
  readKey(8);
  readConfirmation(into);
  readNegativeKey(PRIVATE);
  readRole(into, named);
}

/** `cnf = { 1: { 1: 2, -1: 1, -2: x, -3: sign bit of y } }` */
function readConfirmation(into: Certificate): void {
  readMap(1, 1);
  readKey(1);
  readMap(4, 4);
  readKey(1);
  readUint(2, 2);
  readNegativeKey(0);
  readUint(1, 1);
  readNegativeKey(1);
  const x = readFixed(32);
  if (x == 0) return;
  require(compare(x, PRIME, 32) < 0);
  copy(into.key + 1, x, 32);
  readNegativeKey(2);
  store<u8>(into.key, readBool() ? 3 : 2);
}

/** `{ 1: role, ? 2: currency, 3: serial, ? 4: limits profile, ? 5: security level, ? 6: index in the status list }` */
function readRole(into: Certificate, named: bool): void {
  const entries = readMap(2, 6);
  readKey(1);
  const role = <i32>readUint(Role.Root, Role.Device);
  require(role <= Role.Ta || role >= Role.OemRoot);
  into.role = role;
  const hasCurrency = takeKey(2);
  into.currency = hasCurrency ? readCurrency() : 0;
  readKey(3);
  into.serial = readU32();
  const hasProfile = takeKey(4);
  into.profile = hasProfile ? <u32>readUint(0, 0xffff) : 0;
  const hasLevel = takeKey(5);
  if (hasLevel) readUint(1, 3);
  const hasIndex = takeKey(6);
  into.hasIndex = hasIndex;
  into.index = hasIndex ? readU32() : 0;
  require(entries == 2 + <u32>hasCurrency + <u32>hasProfile + <u32>hasLevel + <u32>hasIndex);
  // "sub: present for institutions, absent for wallets, TAs and devices"
  require(named == (role <= Role.Provider || role == Role.OemRoot));
  // "currency: absent exactly in the OEM chain"
  const oem = role >= Role.OemRoot;
  require(hasCurrency == !oem);
  // "limits profile (TA only, required); security-level (TA and device, required)"
  require(hasProfile == (role == Role.Ta));
  require(hasLevel == (role == Role.Ta || role == Role.Device));
}
