import { cp, mkdir, rename, rm } from "node:fs/promises";
import { basename, join } from "node:path";

/** The chip, here a file: on hardware it answers with a counter that only rises, and cannot be copied or set back. */
const CHIP = "rpmb";
/** Of the running process, not of the storage. */
const NOT_STORED = new Set(["lock", "run"]);

/** Copies what a thief of the flash memory can copy. */
export async function copyStorage(device: string, image: string): Promise<void> {
  await mkdir(image, { mode: 0o700 });
  await cp(device, image, {
    recursive: true,
    filter: (source) => !NOT_STORED.has(basename(source)),
  });
}

/** Puts an old image into the place of a device's storage, but for its chip. */
export async function restoreStorage(device: string, image: string, aside: string): Promise<void> {
  await rename(device, aside);
  await copyStorage(image, device);
  await cp(join(aside, CHIP), join(device, CHIP));
}

/** Puts the device's own storage back. */
export async function undoRestore(device: string, aside: string): Promise<void> {
  await rm(device, { recursive: true });
  await rename(aside, device);
}
