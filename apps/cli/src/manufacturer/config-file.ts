import { mkdir, writeFile } from "node:fs/promises";
import { dirname, relative, resolve } from "node:path";
import type { ManufacturerConfig } from "@bezant/manufacturer";
import { toHex, type CompressedKey } from "@bezant/protocol";
import { measureTos } from "@bezant/tee";

/** What a manufacturer's service has to be told. */
export type ManufacturerSettings = {
  /** Folder of the service's key, and the root's appointment of it. */
  readonly key: string;
  readonly appointment: string;
  /** Certificate of the OEM root. */
  readonly root: string;
  readonly operators: readonly CompressedKey[];
  readonly dataDir: string;
  readonly passphraseFile?: string | undefined;
  /** Where devices are served. */
  readonly port?: number | undefined;
  /** Where institutions are served, over mutual TLS: folder of its identity there, and the CA certificates of their roots. */
  readonly institutions?:
    | {
        readonly port?: number | undefined;
        readonly identity: string;
        readonly roots: readonly string[];
      }
    | undefined;
};

/**
 * Writes the file that the service starts from. It knows the trusted OS of this release, and its paths are relative to itself.
 * Never overwrites.
 */
export async function writeManufacturerConfig(
  file: string,
  settings: ManufacturerSettings,
): Promise<void> {
  const folder = dirname(resolve(file));
  const at = (path: string): string => relative(folder, resolve(path)) || ".";
  const { passphraseFile, port, institutions } = settings;
  const tos = measureTos();
  const config: ManufacturerConfig = {
    key: at(settings.key),
    appointment: at(settings.appointment),
    root: at(settings.root),
    dataDir: at(settings.dataDir),
    operators: [...settings.operators],
    trustedOses: [{ measurement: toHex(tos.measurement), version: tos.version }],
    ...(passphraseFile === undefined ? {} : { passphraseFile: at(passphraseFile) }),
    ...(port === undefined ? {} : { port }),
    ...(institutions === undefined
      ? {}
      : {
          institutions: {
            ...(institutions.port === undefined ? {} : { port: institutions.port }),
            tls: { identity: at(institutions.identity), roots: institutions.roots.map(at) },
          },
        }),
  };
  await mkdir(folder, { recursive: true });
  await writeFile(file, `${JSON.stringify(config, undefined, 2)}\n`, { flag: "wx", mode: 0o644 });
}
