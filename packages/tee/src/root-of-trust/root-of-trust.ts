import type { OemRoot, PublicKey, Result, SecurityLevel } from "@bezant/protocol";
import type { StorageFault } from "../storage/fault.ts";

/** The size of a value in replay-protected memory: a sector, which an eMMC writes all or not at all. */
export const VALUE_SIZE = 512;

/**
 * A few small values that nobody but this device's trusted OS can write, and of which no old copy can be
 * brought back. Calls return once the value is durable.
 */
export type ReplayProtectedMemory = {
  readonly blocks: number;
  /** 512 bytes, zeros where nothing was written yet. */
  readonly read: (block: number) => Result<Uint8Array, StorageFault>;
  /**
   * At most 512 bytes. All or nothing, also when the power goes. After `io-failed` the old or the new
   * value is there: read it again.
   */
  readonly write: (block: number, value: Uint8Array) => Result<void, StorageFault>;
};

/**
 * What only the hardware of one device can do. The trusted OS stands on nothing else, so a driver for
 * other hardware implements this and must pass `test/support/root-of-trust-conformance.ts`.
 *
 * Calls are synchronous because the TA's imports are; a driver that has to wait for its hardware waits on
 * a worker.
 */
export type RootOfTrust = {
  /** 1 software, 2 TPM, 3 TEE or secure element. */
  readonly securityLevel: SecurityLevel;
  /** D.vk. */
  readonly deviceKey: PublicKey;
  /** The device certificate: the OEM's word for D.vk (docs/protocol.md §4). */
  readonly deviceCertificate: Uint8Array;
  /** The OEM root whose updates this device takes; without one it takes none. */
  readonly manufacturer?: OemRoot | undefined;
  /** Signs with D.sk: ECDSA P-256 with SHA-256, r || s, 64 bytes, low-s. */
  readonly sign: (message: Uint8Array) => Uint8Array;
  /** 32 bytes derived from the hardware-unique key, for ever the same for one purpose on one device. */
  readonly deriveKey: (purpose: string) => Uint8Array;
  readonly replayProtected: ReplayProtectedMemory;
  readonly close: () => void;
};
