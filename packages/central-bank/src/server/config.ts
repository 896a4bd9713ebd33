import { Type, type Static } from "@fastify/type-provider-typebox";
import { ok, type Result } from "@bezant/protocol";
import {
  pathSchema,
  readConfigFile,
  tlsPaths,
  tlsSchema,
  type ConfigError,
} from "@bezant/service/server";

const count = Type.Integer({ minimum: 1 });
const closed = { additionalProperties: false };

/** The file that a central bank's service starts from. Paths are relative to it; `.hex` files hold one line of hexadecimal. */
const configSchema = Type.Object(
  {
    /** Folder of the service's key and its certificate by the root, as the CA tool makes it. */
    authority: pathSchema,
    /** File with the passphrase of the key; otherwise the environment's BEZANT_PASSPHRASE. */
    passphraseFile: Type.Optional(pathSchema),
    /** Certificate of the root, whose key is pinned. */
    root: pathSchema,
    /** Folder of the embedded database. */
    dataDir: pathSchema,
    /** Otherwise the environment's DATABASE_URL; without either, the embedded PostgreSQL. */
    databaseUrl: Type.Optional(Type.String()),
    host: Type.Optional(Type.String()),
    port: Type.Optional(Type.Integer({ minimum: 0, maximum: 65_535 })),
    /** Compressed public keys of the operator. */
    operators: Type.Array(Type.String({ pattern: "^[0-9a-f]{66}$" })),
    /** Closes a settlement window each time so many seconds have passed; otherwise only the operator does. */
    windowSeconds: Type.Optional(count),
    http: Type.Optional(
      Type.Object(
        { requestsPerMinute: Type.Optional(count), trustProxy: Type.Optional(Type.Boolean()) },
        closed,
      ),
    ),
    /** Mutual TLS with the providers; otherwise plain HTTP, for a loopback address. */
    tls: Type.Optional(tlsSchema),
    logLevel: Type.Optional(Type.Enum(["debug", "info", "warn", "error"])),
  },
  closed,
);

export type CentralBankConfig = Static<typeof configSchema>;

/** Reads a configuration file and makes its paths absolute; what is unknown or missing in it is refused. */
export async function readConfig(file: string): Promise<Result<CentralBankConfig, ConfigError>> {
  const read = await readConfigFile(file, configSchema);
  if (!read.ok) return read;
  const { value, at } = read.value;
  const { passphraseFile, tls } = value;
  return ok({
    ...value,
    authority: at(value.authority),
    root: at(value.root),
    dataDir: at(value.dataDir),
    ...(passphraseFile === undefined ? {} : { passphraseFile: at(passphraseFile) }),
    ...(tls === undefined ? {} : { tls: tlsPaths(tls, at) }),
  });
}
