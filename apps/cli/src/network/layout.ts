import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";

/** Where everything of one network on this machine is. */
export type Layout = {
  readonly folder: string;
  /** Opens the keys of the institutions and the operator. */
  readonly passphrase: string;
  readonly root: string;
  readonly intermediary: string;
  readonly authority: string;
  readonly oem: string;
  readonly operator: string;
  readonly config: string;
  readonly providerData: string;
  readonly providerLog: string;
  readonly device: (name: string) => string;
  readonly wallet: (name: string) => string;
};

/** Makes the next `network-N` in the data folder; those of earlier starts stay as they are. */
export async function newNetworkFolder(data: string): Promise<string> {
  await mkdir(data, { recursive: true });
  const numbers = (await networksIn(data)).map((name) => Number(name.slice(PREFIX.length)));
  for (let number = Math.max(0, ...numbers) + 1; ; number += 1) {
    const folder = join(data, `${PREFIX}${number}`);
    try {
      await mkdir(folder);
      return folder;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
  }
}

const PREFIX = "network-";

/** The networks that were started in a data folder. */
export async function networksIn(data: string): Promise<string[]> {
  return (await readdir(data)).filter((name) => /^network-[0-9]{1,9}$/.test(name));
}

export function layoutOf(folder: string): Layout {
  const at = (...parts: string[]): string => join(folder, ...parts);
  return {
    folder,
    passphrase: at("passphrase"),
    root: at("ca", "root"),
    intermediary: at("ca", "intermediary"),
    authority: at("ca", "provider"),
    oem: at("ca", "oem"),
    operator: at("operator"),
    config: at("provider", "config.json"),
    providerData: at("provider", "data"),
    providerLog: at("provider", "log"),
    device: (name) => at("devices", name),
    wallet: (name) => at("wallets", name),
  };
}
