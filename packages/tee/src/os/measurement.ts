import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import type { Measurement } from "./attestation.ts";

/** Rises with every change of the trusted OS that a relying party may want to insist on. */
export const TOS_VERSION = 1;

/** The packages that make up the trusted OS; the TA is measured on its own. */
const PACKAGES = ["@bezant/protocol", "@bezant/pki", "@bezant/trusted-app", "@bezant/tee"];

/** The folders of source that the trusted OS consists of. */
export function sourceFolders(): string[] {
  return PACKAGES.map((name) => dirname(fileURLToPath(import.meta.resolve(name))));
}

/**
 * The trusted OS's measurement: SHA-256 over its source files. Here it measures itself; on a device with a boot ROM the
 * ROM does, before it runs.
 */
export function measureTos(): Measurement {
  return { measurement: measureFolders(sourceFolders()), version: TOS_VERSION };
}

/** SHA-256 over every file, in order of the folders and of the paths in them: place, path, length, content. */
export function measureFolders(folders: readonly string[]): Uint8Array {
  const digest = createHash("sha256");
  folders.forEach((folder, place) => {
    const files = readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => relative(folder, join(entry.parentPath, entry.name)).replaceAll("\\", "/"))
      .toSorted();
    for (const file of files) {
      const content = readFileSync(join(folder, file));
      digest.update(`${place} ${file} ${content.length}\n`);
      digest.update(content);
    }
  });
  return new Uint8Array(digest.digest());
}
