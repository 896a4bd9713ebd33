import { mkdir, writeFile } from "node:fs/promises";
import { dirname, relative, resolve } from "node:path";
import type { CentralBankConfig } from "@bezant/central-bank";
import type { CompressedKey } from "@bezant/protocol";

/** What a central bank's service has to be told. */
export type CentralBankSettings = {
  /** Folder of the service's key and certificate. */
  readonly authority: string;
  readonly root: string;
  readonly operators: readonly CompressedKey[];
  readonly dataDir: string;
  readonly passphraseFile?: string | undefined;
  readonly host?: string | undefined;
  readonly port?: number | undefined;
  readonly windowSeconds?: number | undefined;
  /** Mutual TLS: folder of its TLS identity, and the CA certificate of the root. */
  readonly tls?: { readonly identity: string; readonly root: string } | undefined;
};

/** Writes the file that the service starts from; its paths are relative to itself. Never overwrites. */
export async function writeCentralBankConfig(
  file: string,
  settings: CentralBankSettings,
): Promise<void> {
  const folder = dirname(resolve(file));
  const at = (path: string): string => relative(folder, resolve(path)) || ".";
  const { passphraseFile, host, port, windowSeconds, tls } = settings;
  const config: CentralBankConfig = {
    authority: at(settings.authority),
    root: at(settings.root),
    dataDir: at(settings.dataDir),
    operators: [...settings.operators],
    ...(passphraseFile === undefined ? {} : { passphraseFile: at(passphraseFile) }),
    ...(host === undefined ? {} : { host }),
    ...(port === undefined ? {} : { port }),
    ...(windowSeconds === undefined ? {} : { windowSeconds }),
    ...(tls === undefined ? {} : { tls: { identity: at(tls.identity), roots: [at(tls.root)] } }),
  };
  await mkdir(folder, { recursive: true });
  await writeFile(file, `${JSON.stringify(config, undefined, 2)}\n`, { flag: "wx", mode: 0o644 });
}
