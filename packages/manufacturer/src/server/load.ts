import { join } from "node:path";
import { fromHex, type OemRoot, type Result } from "@bezant/protocol";
import { DEFAULT_HTTP } from "@bezant/service/http";
import {
  loading,
  loadKey,
  loadRoot,
  loadSecret,
  pointOf,
  readHex,
  Unloadable,
  type ConfigError,
} from "@bezant/service/server";
import { DEFAULT_POLICY } from "../core/parts.ts";
import type { ManufacturerConfig } from "./config.ts";
import type { StartOptions } from "./start.ts";

const DEFAULT_PORT = 8083;

/** Reads the key, the appointment and the secret that a configuration names. */
export function loadConfig(
  config: ManufacturerConfig,
  environment: Readonly<Record<string, string | undefined>>,
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
      http: { ...DEFAULT_HTTP, log: { level: config.logLevel ?? "info" } },
    };
  });
}
