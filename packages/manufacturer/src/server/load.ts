import { join } from "node:path";
import { fromHex, type OemRoot, type Result } from "@bezant/protocol";
import { DEFAULT_HTTP } from "@bezant/service/http";
import {
  loading,
  loadKey,
  loadRoot,
  loadSecret,
  loadTls,
  pointOf,
  readHex,
  Unloadable,
  type ConfigError,
} from "@bezant/service/server";
import { DEFAULT_POLICY } from "../core/parts.ts";
import type { ManufacturerConfig } from "./config.ts";
import type { StartOptions } from "./start.ts";

const DEFAULT_PORT = 8083;
const DEFAULT_TLS_PORT = 8084;

type Environment = Readonly<Record<string, string | undefined>>;

/** Reads the key, the appointment and the secret that a configuration names. */
export function loadConfig(
  config: ManufacturerConfig,
  environment: Environment,
): Promise<Result<StartOptions, ConfigError>> {
  return loading(async () => {
    const { id, key } = await loadRoot(config.root, "oem-root");
    if (id === undefined) throw new Unloadable(`${config.root} names nobody`);
    const root: OemRoot = { id, key };
    const databaseUrl = config.databaseUrl ?? environment["DATABASE_URL"];
    return {
      identity: { root, appointment: await readHex(config.appointment) },
      signer: await loadKey(config.key, config.passphraseFile, environment),
      policy: {
        ...DEFAULT_POLICY,
        trustedOses: config.trustedOses.map(({ measurement, version }) => ({
          measurement: fromHex(measurement),
          version,
        })),
      },
      operators: config.operators.map((one) => pointOf(one, "operators")),
      secret: await loadSecret(config.secretFile, config.dataDir),
      database: { dataDir: join(config.dataDir, "db"), databaseUrl },
      host: config.host ?? "127.0.0.1",
      port: config.port ?? DEFAULT_PORT,
      institutions: await loadInstitutions(config, environment),
      http: { ...DEFAULT_HTTP, log: { level: config.logLevel ?? "info" } },
    };
  });
}

async function loadInstitutions(
  { institutions, passphraseFile, host }: ManufacturerConfig,
  environment: Environment,
): Promise<StartOptions["institutions"]> {
  if (institutions === undefined) return undefined;
  const tls = await loadTls(institutions.tls, passphraseFile, environment);
  return {
    host: institutions.host ?? host ?? "127.0.0.1",
    port: institutions.port ?? DEFAULT_TLS_PORT,
    // Its own role is its operator's tools.
    tls: { ...tls, admits: ["provider", "manufacturer"] },
  };
}
