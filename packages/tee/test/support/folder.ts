import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { unwrap } from "@bezant/protocol";
import { createDevice } from "../../src/index.ts";
import { spawnTee, type TeeProcess } from "../../src/process/index.ts";
import { initializeContext, OPS_TA_UUID, type TeeSession } from "../../src/client/index.ts";
import { certifyDevice } from "./device.ts";

/** A folder that is gone after the test. */
export function temporaryFolder(): { readonly path: string; readonly remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), "bezant-tee-"));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/** A device with the OPS TA in a folder of its own. */
export async function deviceFolder(parent: string): Promise<string> {
  const folder = join(parent, "device");
  unwrap(await createDevice(folder, { identity: { certify: certifyDevice } }));
  return folder;
}

/** Runs with a trusted OS in its own process, over a new device. */
export async function withTee(
  test: (tee: TeeProcess, folder: string) => Promise<void>,
): Promise<void> {
  const { path, remove } = temporaryFolder();
  try {
    const folder = await deviceFolder(path);
    const tee = unwrap(await spawnTee({ folder }));
    try {
      await test(tee, folder);
    } finally {
      await tee.stop();
    }
  } finally {
    remove();
  }
}

export async function openSession(socket: string): Promise<TeeSession> {
  const context = unwrap(await initializeContext({ socket }));
  return unwrap(await context.openSession(OPS_TA_UUID));
}
