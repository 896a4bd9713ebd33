import { Type, type Static } from "@fastify/type-provider-typebox";
import { ok, type Result } from "@bezant/protocol";
import {
  pathSchema,
  readConfigFile,
  tlsPaths,
  tlsSchema,
  type ConfigError,
} from "@bezant/service/server";

const hex = (bytes: number) => Type.String({ pattern: `^[0-9a-f]{${2 * bytes}}$` });
const closed = { additionalProperties: false };

/** The file that a manufacturer's server starts from. Paths are relative to it; `.hex` files hold one line of hexadecimal. */
const configSchema = Type.Object(
  {
    /** Folder of the service's key, and the root's appointment of it. The root's own key is not needed, and not here. */
    key: pathSchema,
    appointment: pathSchema,
    /** File with the passphrase of the key; otherwise the environment's BEZANT_PASSPHRASE. */
    passphraseFile: Type.Optional(pathSchema),
    /** Certificate of the OEM root. */
    root: pathSchema,
    /** Folder of the embedded database and of what this server makes for itself. */
    dataDir: pathSchema,
    /** Otherwise the environment's DATABASE_URL; without either, the embedded PostgreSQL. */
    databaseUrl: Type.Optional(Type.String()),
    secretFile: Type.Optional(pathSchema),
    host: Type.Optional(Type.String()),
    port: Type.Optional(Type.Integer({ minimum: 0, maximum: 65_535 })),
    /**
     * A listener of its own for relying parties and the operator, over mutual TLS; devices, which have no certificate for it,
     * keep the other one. Without it everybody is served there: for a loopback address.
     */
    institutions: Type.Optional(
      Type.Object(
        {
          host: Type.Optional(Type.String()),
          port: Type.Optional(Type.Integer({ minimum: 0, maximum: 65_535 })),
          tls: tlsSchema,
        },
        closed,
      ),
    ),
    /** Compressed public keys of the operator. */
    operators: Type.Array(hex(33)),
    /** The trusted OSes of its devices. */
    trustedOses: Type.Array(
      Type.Object({ measurement: hex(32), version: Type.Integer({ minimum: 0 }) }, closed),
    ),
    logLevel: Type.Optional(Type.Enum(["debug", "info", "warn", "error"])),
  },
  closed,
);

export type ManufacturerConfig = Static<typeof configSchema>;

/** Reads a configuration file and makes its paths absolute; what is unknown or missing in it is refused. */
export async function readConfig(file: string): Promise<Result<ManufacturerConfig, ConfigError>> {
  const read = await readConfigFile(file, configSchema);
  if (!read.ok) return read;
  const { value, at } = read.value;
  const { passphraseFile, secretFile, institutions } = value;
  return ok({
    ...value,
    key: at(value.key),
    appointment: at(value.appointment),
    root: at(value.root),
    dataDir: at(value.dataDir),
    ...(passphraseFile === undefined ? {} : { passphraseFile: at(passphraseFile) }),
    ...(secretFile === undefined ? {} : { secretFile: at(secretFile) }),
    ...(institutions === undefined
      ? {}
      : { institutions: { ...institutions, tls: tlsPaths(institutions.tls, at) } }),
  });
}
