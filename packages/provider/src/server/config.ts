import { Type, type Static } from "@fastify/type-provider-typebox";
import { ok, type Result } from "@bezant/protocol";
import {
  pathSchema,
  readConfigFile,
  tlsPaths,
  tlsSchema,
  type ConfigError,
  type ConfigFile,
  type TlsConfig,
} from "@bezant/service/server";

const hex = (bytes: number) => Type.String({ pattern: `^[0-9a-f]{${2 * bytes}}$` });
const amount = Type.String({ pattern: "^(0|[1-9][0-9]{0,19})$" });
const count = Type.Integer({ minimum: 1 });
const closed = { additionalProperties: false };

const release = Type.Object(
  { measurement: hex(32), version: Type.Integer({ minimum: 0 }) },
  closed,
);

const limits = Type.Object(
  {
    profile: Type.Integer({ minimum: 0, maximum: 0xffff }),
    version: Type.Integer({ minimum: 0, maximum: 0xffff_ffff }),
    maxHolding: amount,
    maxPayment: amount,
    maxCount: Type.Integer({ minimum: 0, maximum: 0xffff_ffff }),
    maxValue: amount,
    noPinCap: amount,
    /** Without it as much as without a PIN. */
    uncheckedCap: Type.Optional(amount),
  },
  closed,
);

const earlierKey = Type.Object({ certificate: pathSchema, intermediary: pathSchema }, closed);

/** The file that a provider's server starts from. Paths are relative to it; `.hex` files hold one line of hexadecimal. */
const configSchema = Type.Object(
  {
    /** Folder of the provider's key and certificate, as the CA tool makes it. */
    authority: pathSchema,
    /** File with the passphrase of the key; otherwise the environment's BEZANT_PASSPHRASE. */
    passphraseFile: Type.Optional(pathSchema),
    /** Certificates of earlier keys, with the intermediary's above each: needed until 30 days after their end. */
    earlier: Type.Optional(Type.Array(earlierKey)),
    /** Certificates of the intermediary above, and of the central bank root, whose key is pinned. */
    intermediary: pathSchema,
    root: pathSchema,
    /** Folder of the embedded database and of what this server makes for itself. */
    dataDir: pathSchema,
    /** Otherwise the environment's DATABASE_URL; without either, the embedded PostgreSQL. */
    databaseUrl: Type.Optional(Type.String()),
    /** 32 bytes that all servers of one provider share; made in the data folder unless given. */
    secretFile: Type.Optional(pathSchema),
    host: Type.Optional(Type.String()),
    port: Type.Optional(Type.Integer({ minimum: 0, maximum: 65_535 })),
    /** Compressed public keys of the operator. */
    operators: Type.Array(hex(33)),
    attestation: Type.Object(
      {
        /** Certificates of the OEM roots. */
        oemRoots: Type.Array(pathSchema),
        /** TAs by measurement and version, and by releases that one of these roots endorsed: files of `.hex`. */
        trustedApps: Type.Array(release),
        releases: Type.Optional(Type.Array(pathSchema)),
        trustedOses: Type.Array(release),
        /** Of all of these only such versions, and newer ones. */
        minimumTaVersion: Type.Optional(count),
        minimumTosVersion: Type.Optional(count),
        /** Manufacturers' services to ask about each device of theirs: OEMVerify. */
        verifiers: Type.Optional(
          Type.Array(
            Type.Object(
              {
                oemRoot: pathSchema,
                url: Type.String({ pattern: "^https?://" }),
                /** Who the provider is on TLS, and the manufacturer's root there; needed where the URL is https. */
                tls: Type.Optional(tlsSchema),
              },
              closed,
            ),
          ),
        ),
        minimumLevel: Type.Union([Type.Literal(1), Type.Literal(2), Type.Literal(3)]),
      },
      closed,
    ),
    limits,
    /** Where the provider settles. Without it the provider stands alone: nothing bounds it, nobody pays across. */
    centralBank: Type.Optional(
      Type.Object(
        {
          url: Type.String({ pattern: "^https?://[^/]+$" }),
          /** Seconds between two settlings by itself; 0: only when the operator orders it. */
          everySeconds: Type.Optional(Type.Integer({ minimum: 0, maximum: 86_400 })),
          /** By how much the deposit allowance is raised at a time, in minor units. */
          allowanceStep: Type.Optional(amount),
          /** Who the provider is on TLS, and whom it believes; needed where the URL is https. */
          tls: Type.Optional(tlsSchema),
        },
        closed,
      ),
    ),
    /** Where other providers are served; who the provider is on TLS there, and whom it believes. */
    institutions: Type.Optional(
      Type.Object(
        {
          host: Type.Optional(Type.String()),
          port: Type.Optional(Type.Integer({ minimum: 0, maximum: 65_535 })),
          /** Where they reach this listener: said in the central bank's directory at every settling. Without it nothing is said. */
          address: Type.Optional(Type.String({ maxLength: 267, pattern: "^https://[^/]+$" })),
          tls: tlsSchema,
        },
        closed,
      ),
    ),
    /**
     * Where other providers serve this one, to be asked how payments to their clients ended; under the same TLS. Needed for those
     * alone that are not in the central bank's directory, or are reached elsewhere from here: this address comes first.
     */
    providers: Type.Optional(
      Type.Array(
        Type.Object(
          {
            id: Type.String({ pattern: "^[a-z0-9-]{1,8}$" }),
            url: Type.String({ pattern: "^https://[^/]+$" }),
          },
          closed,
        ),
      ),
    ),
    walletValidityDays: Type.Optional(count),
    taValidityDays: Type.Optional(count),
    maxTas: Type.Optional(count),
    http: Type.Optional(
      Type.Object(
        {
          requestsPerMinute: Type.Optional(count),
          registrationsPerMinute: Type.Optional(count),
          trustProxy: Type.Optional(Type.Boolean()),
        },
        closed,
      ),
    ),
    logLevel: Type.Optional(Type.Enum(["debug", "info", "warn", "error"])),
  },
  closed,
);

export type ProviderConfig = Static<typeof configSchema>;

/** Reads a configuration file and makes its paths absolute; what is unknown or missing in it is refused. */
export async function readConfig(file: string): Promise<Result<ProviderConfig, ConfigError>> {
  const read = await readConfigFile(file, configSchema);
  return read.ok ? ok(withPaths(read.value)) : read;
}

function withPaths({ value: config, at }: ConfigFile<ProviderConfig>): ProviderConfig {
  const { earlier, passphraseFile, secretFile, attestation, centralBank, institutions } = config;
  return {
    ...config,
    authority: at(config.authority),
    intermediary: at(config.intermediary),
    root: at(config.root),
    ...(earlier === undefined
      ? {}
      : {
          earlier: earlier.map((one) => ({
            certificate: at(one.certificate),
            intermediary: at(one.intermediary),
          })),
        }),
    dataDir: at(config.dataDir),
    ...(passphraseFile === undefined ? {} : { passphraseFile: at(passphraseFile) }),
    ...(secretFile === undefined ? {} : { secretFile: at(secretFile) }),
    ...(centralBank === undefined ? {} : { centralBank: withTlsPaths(centralBank, at) }),
    ...(institutions === undefined
      ? {}
      : { institutions: { ...institutions, tls: tlsPaths(institutions.tls, at) } }),
    attestation: {
      ...attestation,
      oemRoots: attestation.oemRoots.map(at),
      ...(attestation.releases === undefined ? {} : { releases: attestation.releases.map(at) }),
      ...(attestation.verifiers === undefined
        ? {}
        : {
            verifiers: attestation.verifiers.map((one) =>
              withTlsPaths({ ...one, oemRoot: at(one.oemRoot) }, at),
            ),
          }),
    },
  };
}

function withTlsPaths<C extends { readonly tls?: TlsConfig }>(
  config: C,
  at: (path: string) => string,
): C {
  return config.tls === undefined ? config : { ...config, tls: tlsPaths(config.tls, at) };
}
