import {
  BYTES,
  finished,
  lastLength,
  NINT,
  peekMajor,
  position,
  readArray,
  readBytes,
  readFixed,
  readHead,
  readKey,
  readMap,
  readUint,
  require,
  startReading,
  takeKey,
  takeNegativeKey,
  UINT,
} from "../cbor/reader";
import { skipItem } from "../cbor/skip";
import { Status } from "../status";
import { KEY_ID_SIZE } from "./key";
import { SIGNATURE_SIZE } from "./signature";
import { ESP256, KCWT, PRIVATE } from "./typ";

export const MAX_MESSAGE: u32 = 2048;
export const MAX_CERTIFICATE: u32 = 256;
const MAX_DEPTH: u32 = 8;
const MIN_TYP: u64 = 65000;
const MAX_TYP: u64 = 65535;

/** A COSE_Sign1 (RFC 9052) that was received. Its parts stay where they are; an address of 0 means absent. */
@unmanaged
export class Message {
  typ: u32;
  /** The encoded protected header. */
  header: usize;
  headerLength: u32;
  payload: usize;
  payloadLength: u32;
  signature: usize;
  /** kid, 8 bytes. */
  kid: usize;
  /** kcwt. */
  certificate: usize;
  certificateLength: u32;
  /** The chain: both or none. */
  provider: usize;
  providerLength: u32;
  intermediary: usize;
  intermediaryLength: u32;
}

/** The message that the command is about. */
export const message = changetype<Message>(memory.data(offsetof<Message>(), 4));

/**
 * "A message is read in this order: its form (malformed); its typ (wrong-type); its algorithm (unsupported-algorithm)":
 * then the reader stands at the payload's beginning, and `closeMessage` follows it. What is given here has at most 2,048
 * bytes: the commands' inputs see to it.
 */
export function openMessage(into: Message, at: usize, length: u32, typ: u32): Status {
  startReading(at, length);
  readArray(4);
  into.header = readBytes(0, MAX_MESSAGE);
  into.headerLength = lastLength();
  readEnvelope(into);
  into.payload = readBytes(0, MAX_MESSAGE);
  into.payloadLength = lastLength();
  into.signature = readFixed(SIGNATURE_SIZE);
  if (!finished()) return Status.Malformed;

  startReading(into.header, into.headerLength);
  const esp256 = readHeader(into);
  if (!finished()) return Status.Malformed;
  if (into.typ != typ) return Status.WrongType;
  if (!esp256) return Status.UnsupportedAlgorithm;
  startReading(into.payload, into.payloadLength);
  return Status.Ok;
}

/** "Its payload, and whether kid is present exactly when it must be (malformed)." */
export function closeMessage(opened: Message, byInstitution: bool): Status {
  return finished() && (opened.kid != 0) == byInstitution ? Status.Ok : Status.Malformed;
}

/** `protected<typ> = { 1: -9, ? 4: key-id, 16: typ }`; whether the algorithm is ESP256. */
function readHeader(into: Message): bool {
  const entries = readMap(2, 3);
  readKey(1);
  const negative = peekMajor() == NINT;
  const algorithm = readHead(negative ? NINT : UINT);
  require(algorithm <= u32.MAX_VALUE);
  into.kid = takeKey(4) ? readFixed(KEY_ID_SIZE) : 0;
  readKey(16);
  into.typ = <u32>readUint(MIN_TYP, MAX_TYP);
  require(entries == (into.kid == 0 ? 2 : 3));
  return negative && algorithm == ESP256;
}

/** `unprotected = { ? 13: certificate, ? -65537: chain }` */
function readEnvelope(into: Message): void {
  const entries = readMap(0, 2);
  let found: u32 = 0;
  into.certificate = 0;
  into.provider = 0;
  if (takeKey(KCWT)) {
    found++;
    into.certificate = attached();
    into.certificateLength = <u32>(position() - into.certificate);
  }
  if (takeNegativeKey(PRIVATE)) {
    found++;
    readArray(2);
    into.provider = attached();
    into.providerLength = <u32>(position() - into.provider);
    into.intermediary = attached();
    into.intermediaryLength = <u32>(position() - into.intermediary);
  }
  require(entries == found);
}

/** "An attached certificate is at first only one deterministic item of at most 256 bytes, nested at most 8 deep." */
function attached(): usize {
  const start = position();
  skipItem(MAX_DEPTH);
  require(position() - start <= MAX_CERTIFICATE);
  return start;
}
