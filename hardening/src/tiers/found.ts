import { randomBytes } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { certifyDevice } from "@bezant/pki";
import { readTlsIdentity, type TlsIdentity, type TlsSettings } from "@bezant/pki/tls";
import {
  certificateIn,
  foundInstitutions,
  layoutOf,
  PROVIDERS,
  reservePort,
  writeCentralBankConfig,
  writeProviderConfig,
  type Institutions,
  type Layout,
  type ProviderName,
} from "@bezant/cli/network";
import { amount, unwrap } from "@bezant/protocol";
import type { DeviceToCertify } from "@bezant/tee";
import { EUR, now } from "../durability/institutions.ts";
import { InstitutionProcess } from "../durability/institution-process.ts";
import type { Town } from "../durability/people.ts";
import { startRelay, type Relay } from "./relay.ts";

/** Who may be killed: everybody with a server. */
export const INSTITUTIONS = ["central-bank", ...PROVIDERS] as const;
export type InstitutionName = (typeof INSTITUTIONS)[number];

/** A database of its own for each. */
export type Databases = Readonly<Record<InstitutionName, string>>;

/** A module that is loaded first into one institution's process, and changes its code. */
export type Fault = { readonly in: InstitutionName; readonly module: URL };

/** A central bank and two providers as processes of their own; between them a relay that loses and repeats messages. */
export type Tiers = {
  readonly institutions: Institutions;
  readonly processes: Readonly<Record<InstitutionName, InstitutionProcess>>;
  /** Where each is reached past the relay. */
  readonly urls: Readonly<Record<InstitutionName, string>>;
  readonly databases: Databases;
  readonly relay: Relay<ProviderName>;
  /** Of the central bank, for its operator. */
  readonly bankTls: TlsSettings;
  readonly towns: readonly Omit<Town, "acknowledged">[];
};

/** By how much providers have their allowance raised at a time: so little that it is raised again and again. */
const STEP = amount(5000n);
const PLENTY = amount(10n ** 12n);
const LIMITS = {
  version: 1,
  maxHolding: PLENTY,
  maxPayment: amount(1_000_000n),
  maxCount: 0xffff_ffff,
  maxValue: PLENTY,
  noPinCap: PLENTY,
};
const MINUTES = { requestsPerMinute: 1_000_000 };

export async function foundTiers(
  folder: string,
  databases: Databases,
  fault: Fault | undefined,
): Promise<Tiers> {
  const layout = layoutOf(folder);
  const institutions = await foundInstitutions(layout, EUR, now());
  const port = await reservePort();
  const bankUrl = `https://127.0.0.1:${port}`;
  const tls = await tlsIdentities(layout);
  const { trust, "central-bank": bank, ...providers } = tls;
  const relay = await startRelay({ to: bankUrl, bank, providers, trust });
  const inner = new Map<ProviderName, number>();
  for (const id of PROVIDERS) inner.set(id, await reservePort());
  await configureBank(layout, institutions, port);
  const urls = { "central-bank": bankUrl, aurum: "", boreal: "" };
  for (const id of PROVIDERS) {
    const own = await reservePort();
    await configureProvider(layout, institutions, id, { own, inner, relay: relay.urls[id] });
    urls[id] = `http://127.0.0.1:${own}`;
  }
  const start = (kind: "central-bank" | "provider", id: InstitutionName): InstitutionProcess => {
    const { config, log } = id === "central-bank" ? layout.centralBank : layout.provider(id);
    return new InstitutionProcess({
      kind,
      config,
      log,
      cache: join(folder, "cache"),
      databaseUrl: databases[id],
      fault: id === fault?.in ? fault.module : undefined,
    });
  };
  const terms = { now: now(), days: 1000 };
  const certify = async (device: DeviceToCertify): Promise<Uint8Array> =>
    unwrap(await certifyDevice(institutions.oem, device, terms));
  return {
    institutions,
    databases,
    relay,
    bankTls: { own: bank, trust },
    urls,
    processes: {
      "central-bank": start("central-bank", "central-bank"),
      aurum: start("provider", "aurum"),
      boreal: start("provider", "boreal"),
    },
    towns: PROVIDERS.map((id) => ({
      institutions: {
        root: institutions.root,
        operator: institutions.providers[id].operator,
        identity: { certify },
      },
      home: institutions.providers[id].authority.claims.sub,
      url: urls[id],
      folder: join(folder, `people-of-${id}`),
    })),
  };
}

async function configureBank(
  { centralBank: { authority, config, data, tls }, root, tlsRoot, passphrase }: Layout,
  { centralBank }: Institutions,
  port: number,
): Promise<void> {
  await writeCentralBankConfig(config, {
    authority,
    root: certificateIn(root),
    operators: [centralBank.operator.publicKey.compressed],
    dataDir: data,
    passphraseFile: passphrase,
    port,
    windowSeconds: 1,
    tls: { identity: tls, root: tlsRoot },
  });
  await amend(config, MINUTES);
}

async function configureProvider(
  layout: Layout,
  { providers }: Institutions,
  id: ProviderName,
  ports: {
    readonly own: number;
    readonly inner: ReadonlyMap<ProviderName, number>;
    readonly relay: string;
  },
): Promise<void> {
  const { authority, config, data, tls } = layout.provider(id);
  const others = [...ports.inner].filter(([other]) => other !== id);
  await writeProviderConfig(config, {
    authority,
    intermediary: certificateIn(layout.intermediary),
    root: certificateIn(layout.root),
    oemRoots: [certificateIn(layout.oem)],
    operators: [providers[id].operator.publicKey.compressed],
    dataDir: data,
    passphraseFile: layout.passphrase,
    port: ports.own,
    allowanceStep: STEP,
    centralBank: ports.relay,
    settleEvery: 1,
    institutionsPort: ports.inner.get(id),
    providers: others.map(([other, port]) => ({ id: other, url: `https://127.0.0.1:${port}` })),
    tls: { identity: tls, root: layout.tlsRoot },
    minimumLevel: 1,
    limits: LIMITS,
  });
  await amend(config, { ...MINUTES, registrationsPerMinute: 1_000_000 });
}

/** What the institutions show each other on TLS, as their servers read it. */
async function tlsIdentities(layout: Layout) {
  const passphrase = (await readFile(layout.passphrase, "utf8")).trim();
  const read = async (folder: string): Promise<TlsIdentity> =>
    unwrap(await readTlsIdentity(folder, passphrase));
  return {
    trust: { roots: [await readFile(layout.tlsRoot, "utf8")] },
    "central-bank": await read(layout.centralBank.tls),
    aurum: await read(layout.provider("aurum").tls),
    boreal: await read(layout.provider("boreal").tls),
  };
}

async function amend(file: string, http: object): Promise<void> {
  const config = JSON.parse(await readFile(file, "utf8")) as object;
  const amended = { ...config, http, logLevel: "warn" };
  await writeFile(file, JSON.stringify(amended, undefined, 2));
}

/** Folders that its people need. */
export async function makeFolders({ towns }: Tiers): Promise<void> {
  for (const { folder } of towns) await mkdir(folder, { recursive: true });
}

export const newId = (): Uint8Array => randomBytes(16);
