export {
  makePrivateKey,
  nodeSignerFactory,
  type Random,
  type SignerFactory,
} from "./crypto/private-key.ts";
export {
  makeDevice,
  type Device,
  type DeviceIdentity,
  type DeviceOptions,
  type DeviceToCertify,
  type WrongCertificate,
} from "./device.ts";
export type { Measurement } from "./os/attestation.ts";
export { nodeCryptography, type TaCryptography } from "./os/cryptography.ts";
export { measureTos, TOS_VERSION } from "./os/measurement.ts";
export { TrustedOs, type TrustedOsOptions } from "./os/trusted-os.ts";
export type { TrustedApp } from "./os/trusted-app.ts";
export type { ReplayProtectedMemory, RootOfTrust } from "./root-of-trust/root-of-trust.ts";
export {
  openSoftwareRootOfTrust,
  type SoftwareRootOfTrustOptions,
} from "./root-of-trust/software.ts";
export { IoError, type BlockFile, type FileStore } from "./storage/block-file.ts";
export { STORAGE_FAULT_CODES, type StorageFault, type StorageFaultCode } from "./storage/fault.ts";
export { nodeFiles } from "./storage/node-files.ts";
export {
  createDevice,
  openDevice,
  type CreateDeviceError,
  type DeviceFolderOptions,
} from "./device-folder.ts";
export { startDevice, type RunningDevice, type StartOptions } from "./running-device.ts";
export { type UpdateAgent, type UpdateRefusal } from "./provisioning/agent.ts";
export { shipModule } from "./provisioning/modules.ts";
export { loadTrustedApp, opsTrustedApp, type TrustedAppRefused } from "./os/load-trusted-app.ts";
export { lockFolder, type Lock } from "./process/lock.ts";
