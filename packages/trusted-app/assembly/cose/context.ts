import {
  startWriting,
  writeArray,
  writeBytes,
  writeText,
  writeUint,
  written,
} from "../cbor/writer";
import { ID_SIZE } from "./key";
import { Typ } from "./typ";

/**
 * The context of a signature, which is signed and never sent (docs/protocol.md §3.3): one of the functions below writes
 * `external_aad = ["bezant", 1, typ, currency / "", home, signer, audience]` before a signature is made or verified.
 */

const CAPACITY: u32 = 128;
const CONTEXT = memory.data(128);
/** "bezant" */
const NAME = memory.data<u8>([0x62, 0x65, 0x7a, 0x61, 0x6e, 0x74]);
const NAME_SIZE: u32 = 6;
const VERSION: u64 = 1;
const CURRENCY_SIZE: u32 = 3;

let length: u32 = 0;

export function context(): usize {
  return CONTEXT;
}

export function contextLength(): u32 {
  return length;
}

/** "external_aad of a certificate: its currency, home "", signer = iss, audience empty." */
export function contextOfCertificate(currency: usize, issuer: usize, issuerLength: u32): void {
  write(Typ.Certificate, currency, 0, 0, issuer, issuerLength, 0, 0);
}

/** An institution signs with home "", under its id. */
export function contextOfInstitution(
  typ: u32,
  currency: usize,
  name: usize,
  nameLength: u32,
  audience: usize,
  audienceLength: u32,
): void {
  write(typ, currency, 0, 0, name, nameLength, audience, audienceLength);
}

/** A TA or wallet signs under its id of 32 bytes, with the provider under which it acts as home. */
export function contextOfHolder(
  typ: u32,
  currency: usize,
  home: usize,
  homeLength: u32,
  id: usize,
  audience: usize,
  audienceLength: u32,
): void {
  write(typ, currency, home, homeLength, id, ID_SIZE, audience, audienceLength);
}

function write(
  typ: u32,
  currency: usize,
  home: usize,
  homeLength: u32,
  signer: usize,
  signerLength: u32,
  audience: usize,
  audienceLength: u32,
): void {
  startWriting(CONTEXT, CAPACITY);
  writeArray(7);
  writeText(NAME, NAME_SIZE);
  writeUint(VERSION);
  writeUint(typ);
  writeText(currency, CURRENCY_SIZE);
  writeText(home, homeLength);
  writeBytes(signer, signerLength);
  writeBytes(audience, audienceLength);
  length = written();
}
