import { existsSync, fsyncSync, mkdirSync, openSync, closeSync, renameSync, rmSync } from "node:fs";
import { randomBytes } from "node:crypto";
import { dirname, resolve } from "node:path";
import { err, type Result } from "@bezant/protocol";
import { pooledRandom } from "./crypto/pooled-random.ts";
import { makeDevice, type Device, type DeviceOptions, type WrongCertificate } from "./device.ts";
import { loadTrustedApp, opsTrustedApp, type TrustedAppRefused } from "./os/load-trusted-app.ts";
import { measureTos } from "./os/measurement.ts";
import { shipModule } from "./provisioning/modules.ts";
import { startDevice, type RunningDevice } from "./running-device.ts";
import type { StorageFault } from "./storage/fault.ts";
import { nodeFiles } from "./storage/node-files.ts";

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
  shipModule(files, module);
  syncFolder(draft);
  renameSync(draft, folder);
  syncFolder(dirname(resolve(folder)));
  return made;
}

/** Starts the trusted OS of the device in this folder. Only one process may, at a time: see `lockFolder`. */
export function openDevice(
  folder: string,
): Result<RunningDevice, StorageFault | TrustedAppRefused> {
  return startDevice(nodeFiles(folder), { random: pooledRandom(randomBytes), tos: measureTos() });
}

function syncFolder(folder: string): void {
  const fd = openSync(folder, "r");
  fsyncSync(fd);
  closeSync(fd);
}
