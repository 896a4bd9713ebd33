import { hkdfSync } from "node:crypto";
import {
  decompress,
  err,
  ok,
  type CompressedKey,
  type OemRoot,
  type Result,
} from "@bezant/protocol";
import { nodeSignerFactory, type Random, type SignerFactory } from "../crypto/private-key.ts";
import { createChip, openChip } from "../rpmb/chip.ts";
import { programKey, RpmbHost } from "../rpmb/host.ts";
import type { FileStore } from "../storage/block-file.ts";
import { fault, type StorageFault } from "../storage/fault.ts";
import { burnFuses, readFuses, type Fuses } from "./fuses.ts";
import type { RootOfTrust } from "./root-of-trust.ts";

const CHIP = "rpmb";
const HALF_SECTORS = 32;

export type SoftwareRootOfTrustOptions = {
  readonly random: Random;
  /** How D.sk signs; node:crypto unless a simulation needs the same signatures in every run. */
  readonly signer?: SignerFactory;
};

/** Makes the files that stand for the hardware, with the key of the RPMB programmed. */
export function createSoftwareRootOfTrust(
  files: FileStore,
  fuses: Fuses,
): Result<void, StorageFault> {
  createChip(files, CHIP, HALF_SECTORS);
  const chip = openChip(files, CHIP);
  if (!chip.ok) return chip;
  const programmed = programKey(chip.value, rpmbKey(fuses.hardwareKey));
  chip.value.close();
  if (programmed.ok) burnFuses(files, fuses);
  return programmed;
}

/**
 * The default driver. Its files stand for the fuses and the RPMB chip of a real device, so it says security
 * level 1, software: whoever may read or write them all is past what it can stop (README).
 */
export function openSoftwareRootOfTrust(
  files: FileStore,
  { random, signer = nodeSignerFactory }: SoftwareRootOfTrustOptions,
): Result<RootOfTrust, StorageFault> {
  const fuses = readFuses(files);
  if (!fuses.ok) return fuses;
  const { deviceKey, hardwareKey, deviceCertificate } = fuses.value;
  const manufacturer = manufacturerIn(fuses.value);
  if (!manufacturer.ok) return manufacturer;
  const chip = openChip(files, CHIP);
  if (!chip.ok) return err(chip.error);
  const { publicKey, sign } = signer(deviceKey);
  return ok({
    securityLevel: 1,
    deviceKey: publicKey,
    deviceCertificate,
    manufacturer: manufacturer.value,
    sign,
    deriveKey: (purpose) => derive(hardwareKey, purpose),
    replayProtected: new RpmbHost(chip.value, rpmbKey(hardwareKey), random),
    close: () => chip.value.close(),
  });
}

function manufacturerIn({ manufacturer }: Fuses): Result<OemRoot | undefined, StorageFault> {
  if (manufacturer === undefined) return ok(undefined);
  const key = decompress(manufacturer.key as CompressedKey);
  return key.ok
    ? ok({ id: manufacturer.id, key: key.value })
    : err(fault("device-damaged", "the manufacturer's key"));
}

function rpmbKey(hardwareKey: Uint8Array): Uint8Array {
  return derive(hardwareKey, "RPMB authentication key");
}

/** HKDF-SHA-256 (RFC 5869) without salt; the purpose is its info. */
function derive(hardwareKey: Uint8Array, purpose: string): Uint8Array {
  return new Uint8Array(hkdfSync("sha256", hardwareKey, new Uint8Array(), `bezant ${purpose}`, 32));
}
