import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const folders: string[] = [];

/**
 * A folder that is removed after the tests of the file.
 * @param mode closed to others unless given, as `mkdtemp` makes it
 */
export function temporaryFolder(mode = 0o700): string {
  const folder = mkdtempSync(join(tmpdir(), "bezant-test-"));
  chmodSync(folder, mode);
  folders.push(folder);
  return folder;
}

/** The set-up of every test file has it done at the end. */
export function removeFolders(): void {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
}
