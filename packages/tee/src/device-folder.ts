import { existsSync, fsyncSync, mkdirSync, openSync, closeSync, renameSync, rmSync } from "node:fs";
import { randomBytes } from "node:crypto";
import { dirname, resolve } from "node:path";
import { err, ok, type Result } from "@bezant/protocol";
import { pooledRandom } from "./crypto/pooled-random.ts";
import { makeDevice, type Device, type DeviceOptions, type WrongCertificate } from "./device.ts";
import { loadTrustedApp, opsTrustedApp, type TrustedAppRefused } from "./os/load-trusted-app.ts";
import type { Measurement } from "./os/attestation.ts";
import { measureTos } from "./os/measurement.ts";
import type { TrustedApp } from "./os/trusted-app.ts";
import { TrustedOs } from "./os/trusted-os.ts";
import type { RootOfTrust } from "./root-of-trust/root-of-trust.ts";
import { openSoftwareRootOfTrust } from "./root-of-trust/software.ts";
import { catchIo, IoError } from "./storage/block-file.ts";
import { fault, type StorageFault } from "./storage/fault.ts";
import { nodeFiles } from "./storage/node-files.ts";

const TRUSTED_APP = "trusted-app.wasm";
const MAX_TRUSTED_APP = 1 << 20;
const PRIVATE = 0o700;

export type DeviceFolderOptions = Omit<DeviceOptions, "random"> & {
  /** The Wasm module of the TA that the device is shipped with; by default the one of this release. */
  readonly trustedApp?: Uint8Array;
  readonly random?: DeviceOptions["random"];
};

export type CreateDeviceError =
  | StorageFault
  | WrongCertificate
  | TrustedAppRefused
  /** There is something in that place already; nothing was touched. */
  | { readonly code: "folder-exists" };

/**
 * Makes a software device in a new folder, which only its owner may enter. The folder appears whole or not at all.
 */
export async function createDevice(
  folder: string,
  { trustedApp: module = opsTrustedApp(), random = randomBytes, ...options }: DeviceFolderOptions,
): Promise<Result<Device, CreateDeviceError>> {
  const trustedApp = loadTrustedApp(module);
  if (!trustedApp.ok) return trustedApp;
  if (existsSync(folder)) return err({ code: "folder-exists" });
  const draft = `${resolve(folder)}.new`;
  rmSync(draft, { recursive: true, force: true });
  mkdirSync(draft, { recursive: true, mode: PRIVATE });
  const files = nodeFiles(draft);
  const made = await makeDevice(files, trustedApp.value, { ...options, random });
  if (!made.ok) {
    rmSync(draft, { recursive: true });
    return made;
  }
  const file = files.create(TRUSTED_APP, module.length);
  file.write(0, module);
  file.close();
  syncFolder(draft);
  renameSync(draft, folder);
  syncFolder(dirname(resolve(folder)));
  return made;
}

/** A device at work in this process. */
export type RunningDevice = {
  readonly trustedOs: TrustedOs;
  readonly trustedApp: TrustedApp;
  readonly rootOfTrust: RootOfTrust;
  readonly tos: Measurement;
  readonly close: () => void;
};

/** Starts the trusted OS of the device in this folder. Only one process may, at a time: see `lockFolder`. */
export function openDevice(
  folder: string,
): Result<RunningDevice, StorageFault | TrustedAppRefused> {
  const files = nodeFiles(folder);
  const random = pooledRandom(randomBytes);
  const rootOfTrust = openSoftwareRootOfTrust(files, { random });
  if (!rootOfTrust.ok) return rootOfTrust;
  const tos = measureTos();
  const module = readTrustedApp(folder);
  const trustedApp = module.ok ? loadTrustedApp(module.value) : module;
  const trustedOs = trustedApp.ok
    ? TrustedOs.start({
        files,
        rootOfTrust: rootOfTrust.value,
        trustedApp: trustedApp.value,
        tos,
        random,
      })
    : trustedApp;
  if (!trustedApp.ok || !trustedOs.ok) {
    rootOfTrust.value.close();
    return trustedOs.ok ? err(fault("device-damaged")) : trustedOs;
  }
  return ok({
    trustedOs: trustedOs.value,
    trustedApp: trustedApp.value,
    rootOfTrust: rootOfTrust.value,
    tos,
    close() {
      trustedOs.value.close();
      rootOfTrust.value.close();
    },
  });
}

function readTrustedApp(folder: string): Result<Uint8Array, StorageFault> {
  const module = catchIo(() => {
    const file = nodeFiles(folder).open(TRUSTED_APP);
    const bytes = file?.read(0, MAX_TRUSTED_APP);
    file?.close();
    return bytes;
  });
  if (module instanceof IoError) return err(fault("io-failed", module.errno));
  return module === undefined ? err(fault("device-damaged", TRUSTED_APP)) : ok(module);
}

function syncFolder(folder: string): void {
  const fd = openSync(folder, "r");
  fsyncSync(fd);
  closeSync(fd);
}
