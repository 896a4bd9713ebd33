import { join } from "node:path";
import { nodeVerifier, readCertificate } from "@bezant/pki/node";
import {
  decode,
  fromHex,
  parseAmount,
  releaseVerify,
  runChecks,
  taRelease,
  type Amount,
  type Chain,
  type OemRoot,
  type Release,
  type Result,
} from "@bezant/protocol";
import {
  certificateIn,
  loading,
  loadKey,
  loadRoot,
  loadSecret,
  pointOf,
  readHex,
  Unloadable,
  type ConfigError,
} from "@bezant/service/server";
import type { Identity } from "../core/parts.ts";
import { DEFAULT_POLICY, type Policy } from "../core/policy.ts";
import { DEFAULT_HTTP } from "../http/app.ts";
import { loadCentralBank } from "./load-central-bank.ts";
import { loadProviders } from "./load-providers.ts";
import { loadOemRoot, loadVerifiers } from "./load-verifiers.ts";
import type { ProviderConfig } from "./config.ts";
import type { StartOptions } from "./start.ts";

const DAY = 86_400;
const DEFAULT_PORT = 8080;

/** Reads the key, the certificates and the secret that a configuration names. */
export function loadConfig(
  config: ProviderConfig,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<Result<StartOptions, ConfigError>> {
  return loading(() => load(config, environment));
}

async function load(
  config: ProviderConfig,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<StartOptions> {
  const signer = await loadKey(config.authority, config.passphraseFile, environment);
  const databaseUrl = config.databaseUrl ?? environment["DATABASE_URL"];
  const { http, logLevel } = config;
  const identity = await loadIdentity(config);
  return {
    identity,
    signer,
    policy: await loadPolicy(config),
    oemVerifiers: await loadVerifiers(config, environment),
    operators: config.operators.map((one) => pointOf(one, "operators")),
    secret: await loadSecret(config.secretFile, config.dataDir),
    database: { dataDir: join(config.dataDir, "db"), databaseUrl },
    host: config.host ?? "127.0.0.1",
    port: config.port ?? DEFAULT_PORT,
    centralBank: await loadCentralBank(config, identity, environment),
    ...(await loadProviders(config, identity, environment)),
    http: { ...DEFAULT_HTTP, ...http, log: { level: logLevel ?? "info" } },
  };
}

async function loadIdentity(config: ProviderConfig): Promise<Identity> {
  const { authority, intermediary, root, earlier = [] } = config;
  const certificate = await readCertificate(authority);
  if (!certificate.ok) throw new Unloadable(`${authority}: ${certificate.error}`);
  const { claims } = certificateIn(certificate.value, authority);
  if (claims.role !== "provider") throw new Unloadable(`${authority} is no provider's`);
  const chain = [certificate.value, await readCertificateFile(intermediary)] as const;
  return {
    id: claims.sub,
    currency: claims.currency,
    chain,
    earlier: await Promise.all(
      earlier.map(async (one): Promise<Chain> => [
        await readCertificateFile(one.certificate),
        await readCertificateFile(one.intermediary),
      ]),
    ),
    root: await loadRoot(root, "root"),
  };
}

async function readCertificateFile(path: string): Promise<Uint8Array> {
  const bytes = await readHex(path);
  certificateIn(bytes, path);
  return bytes;
}

async function loadPolicy(config: ProviderConfig): Promise<Policy> {
  const { attestation, limits, walletValidityDays, taValidityDays, maxTas } = config;
  const { trustedApps, releases = [], trustedOses, minimumLevel } = attestation;
  const { minimumTaVersion, minimumTosVersion } = attestation;
  const step = config.centralBank?.allowanceStep;
  const oemRoots = await Promise.all(attestation.oemRoots.map(loadOemRoot));
  const release = ({ measurement, version }: (typeof trustedApps)[number]) => ({
    measurement: fromHex(measurement),
    version,
  });
  const validity = (days: number | undefined, otherwise: number): number =>
    days === undefined ? otherwise : days * DAY;
  return {
    ...DEFAULT_POLICY,
    attestation: {
      oemRoots,
      trustedApps: [...trustedApps.map(release), ...(await loadReleases(releases, oemRoots))],
      trustedOses: trustedOses.map(release),
      minimumLevel,
      minimumTaVersion,
      minimumTosVersion,
    },
    limits: {
      ...limits,
      maxHolding: amountIn(limits.maxHolding, "limits.maxHolding"),
      maxPayment: amountIn(limits.maxPayment, "limits.maxPayment"),
      maxValue: amountIn(limits.maxValue, "limits.maxValue"),
      noPinCap: amountIn(limits.noPinCap, "limits.noPinCap"),
      uncheckedCap: amountIn(limits.uncheckedCap ?? limits.noPinCap, "limits.uncheckedCap"),
    },
    walletValidity: validity(walletValidityDays, DEFAULT_POLICY.walletValidity),
    taValidity: validity(taValidityDays, DEFAULT_POLICY.taValidity),
    maxTas: maxTas ?? DEFAULT_POLICY.maxTas,
    settlement: {
      allowanceStep:
        step === undefined
          ? DEFAULT_POLICY.settlement.allowanceStep
          : amountIn(step, "centralBank.allowanceStep"),
    },
  };
}

/** The schema counts digits; not all numbers of twenty fit. */
function amountIn(text: string, where: string): Amount {
  const parsed = parseAmount(text);
  if (!parsed.ok) throw new Unloadable(`${where}: ${parsed.error}`);
  return parsed.value;
}

/** Reference values: the TAs of releases that a developer signed and one of the accepted manufacturers endorsed. */
function loadReleases(
  paths: readonly string[],
  roots: readonly OemRoot[],
): Promise<readonly Release[]> {
  return Promise.all(
    paths.map(async (path) => {
      const decoded = decode(taRelease, await readHex(path));
      if (!decoded.ok) throw new Unloadable(`${path}: ${decoded.error.code}`);
      const pending = releaseVerify(decoded.value, { roots });
      const verified = pending.ok ? runChecks(pending.value, nodeVerifier()) : pending;
      if (!verified.ok) throw new Unloadable(`${path}: ${verified.error.code}`);
      return verified.value.manifest;
    }),
  );
}
