import { join } from "node:path";
import { readCertificate } from "@bezant/pki/node";
import type { Result } from "@bezant/protocol";
import { DEFAULT_HTTP } from "@bezant/service/http";
import {
  certificateIn,
  loading,
  loadKey,
  loadRoot,
  loadTls,
  pointOf,
  Unloadable,
  type ConfigError,
} from "@bezant/service/server";
import type { Identity } from "../core/parts.ts";
import type { CentralBankConfig } from "./config.ts";
import type { StartOptions } from "./start.ts";

const DEFAULT_PORT = 8070;

/** Reads the key and the certificates that a configuration names. */
export function loadConfig(
  config: CentralBankConfig,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<Result<StartOptions, ConfigError>> {
  return loading(async () => {
    const signer = await loadKey(config.authority, config.passphraseFile, environment);
    const databaseUrl = config.databaseUrl ?? environment["DATABASE_URL"];
    const { http, logLevel, passphraseFile, tls, windowSeconds } = config;
    const settings =
      tls === undefined ? undefined : await loadTls(tls, passphraseFile, environment);
    return {
      identity: await loadIdentity(config),
      signer,
      operators: config.operators.map((one) => pointOf(one, "operators")),
      database: { dataDir: join(config.dataDir, "db"), databaseUrl },
      host: config.host ?? "127.0.0.1",
      port: config.port ?? DEFAULT_PORT,
      ...(windowSeconds === undefined ? {} : { windowSeconds }),
      http: {
        ...DEFAULT_HTTP,
        ...http,
        log: { level: logLevel ?? "info" },
        // Its own role is its operator's tools.
        tls: settings && { ...settings, admits: ["provider", "central-bank"] },
      },
    };
  });
}

async function loadIdentity({ authority, root }: CentralBankConfig): Promise<Identity> {
  const certificate = await readCertificate(authority);
  if (!certificate.ok) throw new Unloadable(`${authority}: ${certificate.error}`);
  const { claims } = certificateIn(certificate.value, authority);
  if (claims.role !== "central-bank") throw new Unloadable(`${authority} is no central bank's`);
  const { sub: id, currency } = claims;
  return { id, currency, certificate: certificate.value, root: await loadRoot(root, "root") };
}
