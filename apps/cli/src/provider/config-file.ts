import { mkdir, writeFile } from "node:fs/promises";
import { dirname, relative, resolve } from "node:path";
import type { Amount, CompressedKey, SecurityLevel } from "@bezant/protocol";
import { toHex } from "@bezant/protocol";
import type { ProviderConfig } from "@bezant/provider";
import { measureTos } from "@bezant/tee";
import measurement from "@bezant/trusted-app/measurement.json" with { type: "json" };

/** What only the operator can know; everything else is this release's. */
export type ProviderSettings = {
  /** Folder of the provider's key and certificate. */
  readonly authority: string;
  readonly intermediary: string;
  readonly root: string;
  readonly oemRoots: readonly string[];
  /** Services of manufacturers to be asked about each device: whose, where, and over https its CA certificate. */
  readonly verifiers?:
    | readonly { readonly oemRoot: string; readonly url: string; readonly tlsRoot?: string }[]
    | undefined;
  readonly operators: readonly CompressedKey[];
  readonly dataDir: string;
  readonly passphraseFile?: string | undefined;
  readonly host?: string | undefined;
  readonly port?: number | undefined;
  /** Where the provider settles, how often by itself, and over https who it is there. */
  readonly centralBank?: string | undefined;
  readonly settleEvery?: number | undefined;
  /** By how much the provider has its deposit allowance raised at a time. */
  readonly allowanceStep?: Amount | undefined;
  readonly tls?: { readonly identity: string; readonly root: string } | undefined;
  /** Where other providers are served, and where they serve this one; both over mutual TLS. */
  readonly institutionsPort?: number | undefined;
  /** What the directory is to say of that port. */
  readonly institutionsAddress?: string | undefined;
  readonly providers?: readonly { readonly id: string; readonly url: string }[] | undefined;
  /** Devices below this security level are refused. */
  readonly minimumLevel: SecurityLevel;
  readonly limits: {
    readonly version: number;
    readonly maxHolding: Amount;
    readonly maxPayment: Amount;
    readonly maxCount: number;
    readonly maxValue: Amount;
    readonly noPinCap: Amount;
    /** Without it as much as without a PIN. */
    readonly uncheckedCap?: Amount | undefined;
  };
};

/**
 * Writes the file that a provider's server starts from. It allows the trusted application and trusted OS of this release,
 * and its paths are relative to itself, so that the whole folder can be moved. Never overwrites.
 */
export async function writeProviderConfig(file: string, settings: ProviderSettings): Promise<void> {
  const folder = dirname(resolve(file));
  const at = (path: string): string => relative(folder, resolve(path)) || ".";
  const { host, port, passphraseFile, limits, centralBank: bank, settleEvery } = settings;
  const { allowanceStep: step } = settings;
  const every = {
    ...(settleEvery === undefined ? {} : { everySeconds: settleEvery }),
    ...(step === undefined ? {} : { allowanceStep: `${step}` }),
  };
  const tls =
    settings.tls === undefined
      ? {}
      : { tls: { identity: at(settings.tls.identity), roots: [at(settings.tls.root)] } };
  const { institutionsPort, institutionsAddress: address, providers } = settings;
  const institutions =
    settings.tls === undefined || institutionsPort === undefined
      ? undefined
      : {
          port: institutionsPort,
          ...(address === undefined ? {} : { address }),
          tls: { identity: at(settings.tls.identity), roots: [at(settings.tls.root)] },
        };
  const verifiers = settings.verifiers?.map(({ oemRoot, url, tlsRoot }) => ({
    oemRoot: at(oemRoot),
    url,
    ...(tlsRoot === undefined || settings.tls === undefined
      ? {}
      : { tls: { identity: at(settings.tls.identity), roots: [at(tlsRoot)] } }),
  }));
  const tos = measureTos();
  const config: ProviderConfig = {
    authority: at(settings.authority),
    intermediary: at(settings.intermediary),
    root: at(settings.root),
    dataDir: at(settings.dataDir),
    ...(passphraseFile === undefined ? {} : { passphraseFile: at(passphraseFile) }),
    ...(host === undefined ? {} : { host }),
    ...(port === undefined ? {} : { port }),
    ...(bank === undefined ? {} : { centralBank: { url: bank, ...every, ...tls } }),
    ...(institutions === undefined ? {} : { institutions }),
    ...(providers === undefined ? {} : { providers: [...providers] }),
    operators: [...settings.operators],
    attestation: {
      oemRoots: settings.oemRoots.map(at),
      ...(verifiers === undefined ? {} : { verifiers }),
      trustedApps: [{ measurement: measurement.sha256, version: measurement.version }],
      trustedOses: [{ measurement: toHex(tos.measurement), version: tos.version }],
      minimumLevel: settings.minimumLevel,
    },
    limits: {
      profile: 1,
      version: limits.version,
      maxHolding: `${limits.maxHolding}`,
      maxPayment: `${limits.maxPayment}`,
      maxCount: limits.maxCount,
      maxValue: `${limits.maxValue}`,
      noPinCap: `${limits.noPinCap}`,
      ...(limits.uncheckedCap === undefined ? {} : { uncheckedCap: `${limits.uncheckedCap}` }),
    },
  };
  await mkdir(folder, { recursive: true });
  await writeFile(file, `${JSON.stringify(config, undefined, 2)}\n`, { flag: "wx", mode: 0o644 });
}
