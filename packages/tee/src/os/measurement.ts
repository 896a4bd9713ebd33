import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
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
 * The trusted OS's measurement: SHA-256 over its source files, in order of their paths. Here it measures itself; on
 * a device with a boot ROM the ROM does, before it runs.
 */
export function measureTos(): Measurement {
  const digest = createHash("sha256");
  sourceFolders().forEach((folder, index) => {
    const files = readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
      .toSorted();
    for (const file of files) {
      const content = readFileSync(join(folder, file));
      digest.update(`${PACKAGES[index]} ${file.replaceAll("\\", "/")} ${content.length}\n`);
      digest.update(content);
    }
  });
  return { measurement: digest.digest(), version: TOS_VERSION };
}
