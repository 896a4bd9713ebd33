import {
  deviceIdOf,
  err,
  ok,
  parseCertificate,
  type CompressedKey,
  type DeviceId,
  type OemRoot,
  type PublicKey,
  type Result,
  type SecurityLevel,
} from "@bezant/protocol";
import {
  makePrivateKey,
  nodeSignerFactory,
  type Random,
  type SignerFactory,
} from "./crypto/private-key.ts";
import type { Measurement } from "./os/attestation.ts";
import { encodeTaObject } from "./os/ta-object.ts";
import { TA_OBJECT } from "./os/trusted-os.ts";
import { createSoftwareRootOfTrust, openSoftwareRootOfTrust } from "./root-of-trust/software.ts";
import type { FileStore } from "./storage/block-file.ts";
import type { StorageFault } from "./storage/fault.ts";
import { createSecureObject, SecureObject } from "./storage/secure-object.ts";

/** What the OEM certifies: what `certifyDevice` of @bezant/pki takes. */
export type DeviceToCertify = {
  readonly key: CompressedKey;
  readonly securityLevel: SecurityLevel;
};

/** Where the device key comes from: made here and certified by the OEM, or brought along with its certificate. */
export type DeviceIdentity =
  | { readonly certify: (device: DeviceToCertify) => Uint8Array | Promise<Uint8Array> }
  | { readonly privateKey: Uint8Array; readonly certificate: Uint8Array };

export type DeviceOptions = {
  readonly identity: DeviceIdentity;
  /** The OEM root whose updates the device is to take; without one it takes none. */
  readonly manufacturer?: OemRoot | undefined;
  readonly random: Random;
  readonly signer?: SignerFactory;
};

export type Device = { readonly deviceId: DeviceId; readonly deviceKey: PublicKey };

/** The certificate is not one for a device with this key at this security level. */
export type WrongCertificate = { readonly code: "wrong-certificate" };

const SOFTWARE: SecurityLevel = 1;

/**
 * Makes a software device in these files, with an empty object that belongs to one TA for ever after: no other
 * measurement can open it.
 */
export async function makeDevice(
  files: FileStore,
  trustedApp: Measurement,
  { identity, manufacturer, random, signer = nodeSignerFactory }: DeviceOptions,
): Promise<Result<Device, StorageFault | WrongCertificate>> {
  const privateKey = "privateKey" in identity ? identity.privateKey : makePrivateKey(random);
  const { publicKey: deviceKey } = signer(privateKey);
  const toCertify = { key: deviceKey.compressed, securityLevel: SOFTWARE };
  const deviceCertificate =
    "certify" in identity ? await identity.certify(toCertify) : identity.certificate;
  if (!certifies(deviceCertificate, toCertify)) return err({ code: "wrong-certificate" });
  const updatesFrom =
    manufacturer === undefined
      ? {}
      : { manufacturer: { id: manufacturer.id, key: manufacturer.key.compressed } };
  const keys = { deviceKey: privateKey, hardwareKey: random(32) };
  const fuses = { ...keys, deviceCertificate, ...updatesFrom };
  const made = createSoftwareRootOfTrust(files, fuses);
  if (!made.ok) return made;
  const provisioned = provision(files, trustedApp, random);
  return provisioned.ok ? ok({ deviceId: deviceIdOf(deviceKey), deviceKey }) : provisioned;
}

function certifies(bytes: Uint8Array, { key, securityLevel }: DeviceToCertify): boolean {
  const certificate = parseCertificate(bytes);
  if (!certificate.ok) return false;
  const { claims } = certificate.value;
  return claims.role === "device" && claims.securityLevel === securityLevel && claims.key === key;
}

/** Gives the TA its first, empty object. */
function provision(
  files: FileStore,
  { measurement, version }: Measurement,
  random: Random,
): Result<void, StorageFault> {
  const rootOfTrust = openSoftwareRootOfTrust(files, { random });
  if (!rootOfTrust.ok) return rootOfTrust;
  createSecureObject(files, TA_OBJECT.name);
  const object = SecureObject.open({ files, rootOfTrust: rootOfTrust.value, random, ...TA_OBJECT });
  const committed = object.ok
    ? object.value.commit(encodeTaObject({ measurement, version, state: new Uint8Array() }))
    : object;
  if (object.ok) object.value.close();
  rootOfTrust.value.close();
  return committed;
}
