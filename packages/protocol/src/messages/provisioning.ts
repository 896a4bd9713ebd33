import { bytes, choice, encode, literal, map, raw, tuple, uint } from "../cbor/index.ts";
import { MAX_MESSAGE } from "../cose/sign1.ts";
import { field } from "../fields.ts";
import type { DeviceId, InstitutionId } from "../ids.ts";
import { MAX_TRUSTED_APP } from "./ta-manifest.ts";

// Containers of §17: what travels between relying party, device and manufacturer without a signature of its own.

const message = raw(MAX_MESSAGE);

/** Asks the manufacturer for its word on evidence: relying party, the nonce it asked the device with, evidence. */
export const attestationQuery = tuple(field.institutionId, field.nonce, message);

/** A release without its module: an encoded `taManifest` and an encoded `taEndorsement`, appointments attached. */
export const taRelease = tuple(message, message);

/** What a device installs: a release, its module, and the nonce with which to report. */
export const updatePackage = tuple(taRelease, bytes(0, MAX_TRUSTED_APP), field.nonce);

const TAG = 16;
/** Uncompressed point: what DHKEM(P-256) encapsulates to (RFC 9180 §7.1.1). */
const ENCAPSULATED = 65;

/** An `updatePackage` for one device's eyes: HPKE base mode. */
export const sealedUpdate = map({
  encapsulated: [1, bytes(ENCAPSULATED)],
  ciphertext: [2, bytes(0, updatePackage.maxSize + TAG)],
});

/** The manufacturer's answer to a `deviceReport`: the newest version is installed, or this is to be. */
export const updateAnswer = choice({ current: [0, uint()], update: [1, sealedUpdate] });

const info = tuple(literal("bezant update"), field.institutionId, field.deviceId, field.nonce);

/** HPKE's `info`: a sealed update answers one report of one device. */
export function updateInfo(parties: {
  readonly manufacturer: InstitutionId;
  readonly device: DeviceId;
  /** Of the report. */
  readonly nonce: Uint8Array;
}): Uint8Array {
  const { manufacturer, device, nonce } = parties;
  return encode(info, ["bezant update", manufacturer, device, nonce]);
}
