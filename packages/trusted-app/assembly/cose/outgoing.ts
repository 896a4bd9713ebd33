import { copy } from "../bytes";
import {
  startWriting,
  writeArray,
  writeBytes,
  writeMap,
  writeNegative,
  writeRaw,
  writeUint,
  written,
} from "../cbor/writer";
import { OUTPUT, OUTPUT_CAPACITY, setOutputLength } from "../output";
import { T } from "../state/state";
import { contextOfHolder } from "./context";
import { ID_SIZE } from "./key";
import { signInContext, SIGNATURE_SIZE } from "./signature";
import { ESP256, KCWT } from "./typ";

/**
 * Messages that this TA signs. The payload is written between `startPayload` and `endPayload`, then signed, unless the
 * state keeps its signature, then put out.
 */

const PAYLOAD_CAPACITY: u32 = 320;
const PAYLOAD = memory.data(320);
const HEADER_CAPACITY: u32 = 8;
const HEADER = memory.data(8);
const SIGNATURE = memory.data(64);

let payloadLength: u32 = 0;
let headerLength: u32 = 0;

export function startPayload(): void {
  startWriting(PAYLOAD, PAYLOAD_CAPACITY);
}

export function endPayload(typ: u32): void {
  payloadLength = written();
  // "A TA signs without kid": { 1: -9, 16: typ }.
  startWriting(HEADER, HEADER_CAPACITY);
  writeMap(2);
  writeUint(1);
  writeNegative(ESP256);
  writeUint(16);
  writeUint(typ);
  headerLength = written();
}

/** Signs for anybody. */
export function signForAnybody(typ: u32): usize {
  return signFor(typ, 0, 0);
}

/** Signs for the home provider alone. */
export function signForHome(typ: u32): usize {
  return signFor(typ, T.home, T.homeLength);
}

/** Signs for one receiver alone. */
export function signForReceiver(typ: u32, receiver: usize): usize {
  return signFor(typ, receiver, ID_SIZE);
}

/** Keeps a signature, so that the identical message can be put out again. */
export function keepSignature(to: usize, signature: usize): void {
  copy(to, signature, SIGNATURE_SIZE);
}

/** The output is the message; its receiver knows this TA's certificate. */
export function outputMessage(signature: usize): void {
  output(signature, false);
}

/** The output is the message with this TA's certificate. */
export function outputWithCertificate(signature: usize): void {
  output(signature, true);
}

function output(signature: usize, withCertificate: bool): void {
  startWriting(OUTPUT, OUTPUT_CAPACITY);
  writeArray(4);
  writeBytes(HEADER, headerLength);
  if (withCertificate) {
    writeMap(1);
    writeUint(KCWT);
    writeRaw(T.certificate, T.certificateLength);
  } else {
    writeMap(0);
  }
  writeBytes(PAYLOAD, payloadLength);
  writeBytes(signature, SIGNATURE_SIZE);
  setOutputLength(written());
}

function signFor(typ: u32, audience: usize, audienceLength: u32): usize {
  contextOfHolder(typ, T.currency, T.home, T.homeLength, T.id, audience, audienceLength);
  signInContext(HEADER, headerLength, PAYLOAD, payloadLength, SIGNATURE);
  return SIGNATURE;
}
