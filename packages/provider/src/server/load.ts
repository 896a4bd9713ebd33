import { randomBytes } from "node:crypto";
import { mkdir, open, readFile } from "node:fs/promises";
import { join } from "node:path";
import { asyncNodeSigner, readCertificate, readKey } from "@bezant/pki/node";
import {
  amount,
  decompress,
  err,
  fromHex,
  isCompressedKey,
  ok,
  parseCertificate,
  type Certificate,
  type CompressedKey,
  type InstitutionClaims,
  type OemRootClaims,
  type PublicKey,
  type Result,
  type Root,
} from "@bezant/protocol";
import type { Identity } from "../core/parts.ts";
import { DEFAULT_POLICY, type Policy } from "../core/policy.ts";
import { DEFAULT_HTTP } from "../http/app.ts";
import { refuse, type ConfigError, type ProviderConfig } from "./config.ts";
import type { StartOptions } from "./start.ts";

const DAY = 86_400;
const DEFAULT_PORT = 8080;

/** Reads the key, the certificates and the secret that a configuration names. */
export async function loadConfig(
  config: ProviderConfig,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<Result<StartOptions, ConfigError>> {
  try {
    return await load(config, environment);
  } catch (error) {
    if (error instanceof Unloadable) return refuse("config-malformed", error.message);
    throw error;
  }
}

/** How a refusal travels inside this file. */
class Unloadable extends Error {}

async function load(
  config: ProviderConfig,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<Result<StartOptions, ConfigError>> {
  const passphrase =
    config.passphraseFile === undefined
      ? environment["BEZANT_PASSPHRASE"]
      : (await readText(config.passphraseFile)).trim();
  if (passphrase === undefined)
    throw new Unloadable("neither passphraseFile nor BEZANT_PASSPHRASE");
  const key = await readKey(config.authority, passphrase);
  if (!key.ok) throw new Unloadable(`${config.authority}: ${key.error}`);
  const databaseUrl = config.databaseUrl ?? environment["DATABASE_URL"];
  const { http, logLevel } = config;
  return ok({
    identity: await loadIdentity(config),
    signer: asyncNodeSigner(key.value),
    policy: await loadPolicy(config),
    operators: config.operators.map((one) => pointOf(one, "operators")),
    secret: await loadSecret(config),
    database: { dataDir: join(config.dataDir, "db"), databaseUrl },
    host: config.host ?? "127.0.0.1",
    port: config.port ?? DEFAULT_PORT,
    http: { ...DEFAULT_HTTP, ...http, log: { level: logLevel ?? "info" } },
  });
}

async function loadIdentity({ authority, intermediary, root }: ProviderConfig): Promise<Identity> {
  const certificate = await readCertificate(authority);
  if (!certificate.ok) throw new Unloadable(`${authority}: ${certificate.error}`);
  const { claims } = parse(certificate.value, authority);
  if (claims.role !== "provider") throw new Unloadable(`${authority} is no provider's`);
  const above = await readHex(intermediary);
  parse(above, intermediary);
  const chain = [certificate.value, above] as const;
  return { id: claims.sub, currency: claims.currency, chain, root: await loadRoot(root, "root") };
}

async function loadRoot(path: string, role: "root" | "oem-root"): Promise<Root> {
  const { claims } = parse(await readHex(path), path);
  if (claims.role !== role) throw new Unloadable(`${path} is no ${role}'s certificate`);
  const { sub, key } = claims as InstitutionClaims | OemRootClaims;
  return { id: sub, key: pointOf(key, path) };
}

async function loadPolicy(config: ProviderConfig): Promise<Policy> {
  const { attestation, limits, walletValidityDays, taValidityDays, maxTas } = config;
  const { trustedApps, trustedOses, minimumLevel } = attestation;
  const release = ({ measurement, version }: (typeof trustedApps)[number]) => ({
    measurement: fromHex(measurement),
    version,
  });
  const validity = (days: number | undefined, otherwise: number): number =>
    days === undefined ? otherwise : days * DAY;
  return {
    ...DEFAULT_POLICY,
    attestation: {
      oemRoots: await Promise.all(attestation.oemRoots.map((path) => loadRoot(path, "oem-root"))),
      trustedApps: trustedApps.map(release),
      trustedOses: trustedOses.map(release),
      minimumLevel,
    },
    limits: {
      ...limits,
      maxHolding: amount(BigInt(limits.maxHolding)),
      maxPayment: amount(BigInt(limits.maxPayment)),
      maxValue: amount(BigInt(limits.maxValue)),
      noPinCap: amount(BigInt(limits.noPinCap)),
    },
    walletValidity: validity(walletValidityDays, DEFAULT_POLICY.walletValidity),
    taValidity: validity(taValidityDays, DEFAULT_POLICY.taValidity),
    maxTas: maxTas ?? DEFAULT_POLICY.maxTas,
  };
}

/** Made on the first start: challenges and tokens survive a restart, and nobody has to think of it. */
async function loadSecret({ secretFile, dataDir }: ProviderConfig): Promise<Uint8Array> {
  if (secretFile !== undefined) return checkSecret(await readHex(secretFile), secretFile);
  const path = join(dataDir, "secret.hex");
  await mkdir(dataDir, { recursive: true, mode: 0o755 });
  try {
    const file = await open(path, "wx", 0o600);
    try {
      await file.writeFile(`${randomBytes(32).toString("hex")}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
  return checkSecret(await readHex(path), path);
}

function checkSecret(secret: Uint8Array, path: string): Uint8Array {
  if (secret.length !== 32) throw new Unloadable(`${path} does not hold 32 bytes`);
  return secret;
}

function parse(bytes: Uint8Array, path: string): Certificate {
  const parsed = parseCertificate(bytes);
  if (!parsed.ok) throw new Unloadable(`${path}: ${parsed.error.code}`);
  return parsed.value;
}

function pointOf(key: string | CompressedKey, where: string): PublicKey {
  const point = isCompressedKey(key) ? decompress(key) : err("bad-key");
  if (!point.ok) throw new Unloadable(`${where}: bad-key`);
  return point.value;
}

async function readHex(path: string): Promise<Uint8Array> {
  const text = (await readText(path)).trim();
  if (!/^(?:[0-9a-f]{2})+$/.test(text)) throw new Unloadable(`${path} is not hexadecimal`);
  return fromHex(text);
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    throw new Unloadable(`${path}: ${(error as NodeJS.ErrnoException).code ?? String(error)}`);
  }
}
