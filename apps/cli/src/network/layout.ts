import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";

/** Where everything of one network on this machine is. */
export type Layout = {
  readonly folder: string;
  /** Opens the keys of the institutions and the operator. */
  readonly passphrase: string;
  readonly root: string;
  readonly intermediary: string;
  readonly oem: string;
  /** CA certificate of the central bank root, which institutions pin on TLS. */
  readonly tlsRoot: string;
  /** The same of the manufacturer's root. */
  readonly oemTlsRoot: string;
  readonly centralBank: InstitutionLayout;
  readonly manufacturer: ManufacturerLayout;
  /** Key of the developer of the trusted application, and its appointment. */
  readonly developer: string;
  readonly provider: (id: ProviderName) => InstitutionLayout;
  readonly device: (name: string) => string;
  /** What the factory keeps of it. */
  readonly deviceCertificate: (name: string) => string;
  readonly wallet: (name: string) => string;
};

/** The providers of a network. */
export const PROVIDERS = ["aurum", "boreal"] as const;
export type ProviderName = (typeof PROVIDERS)[number];

/** Where everything of one institution with a server is. */
export type InstitutionLayout = {
  readonly authority: string;
  readonly operator: string;
  /** Its TLS key and certificates. */
  readonly tls: string;
} & ServiceLayout;

/** Where everything of the manufacturer is; its root is offline, and elsewhere. */
export type ManufacturerLayout = {
  /** The service's key, which the root has appointed. */
  readonly key: string;
  readonly appointment: string;
} & Omit<InstitutionLayout, "authority">;

/** What a server needs: its configuration, its own files with its database, and its log. */
export type ServiceLayout = {
  readonly config: string;
  readonly data: string;
  readonly log: string;
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
  const server = (name: string): Omit<InstitutionLayout, "authority"> => ({
    operator: at(name, "operator"),
    tls: at(name, "tls"),
    ...service(at(name)),
  });
  const institution = (name: string): InstitutionLayout => ({
    authority: at("ca", name),
    ...server(name),
  });
  return {
    folder,
    passphrase: at("passphrase"),
    root: at("ca", "root"),
    intermediary: at("ca", "intermediary"),
    oem: at("ca", "oem"),
    tlsRoot: at("ca", "root", "ca.pem"),
    oemTlsRoot: at("ca", "oem", "ca.pem"),
    centralBank: institution("central-bank"),
    manufacturer: {
      key: at("manufacturer", "service"),
      appointment: at("manufacturer", "service.appointment"),
      ...server("manufacturer"),
    },
    developer: at("developer"),
    provider: institution,
    device: (name) => at("devices", name),
    deviceCertificate: (name) => at("devices", `${name}.crt`),
    wallet: (name) => at("wallets", name),
  };
}

/** Where the certificate of an authority's folder is. */
export function certificateIn(folder: string): string {
  return join(folder, "certificate.hex");
}

function service(folder: string): ServiceLayout {
  return {
    config: join(folder, "config.json"),
    data: join(folder, "data"),
    log: join(folder, "log"),
  };
}
