import { readFile } from "node:fs/promises";
import { readTlsIdentity, type TlsSettings } from "@bezant/pki/tls";
import { Type, type Static } from "@fastify/type-provider-typebox";
import { Unloadable } from "./load.ts";

const path = Type.String({ minLength: 1 });

/** Who an institution is on TLS, and whom it believes; for its server and for what it asks others. */
export const tlsSchema = Type.Object(
  {
    /** Folder of the TLS key and certificates, as `bezant ca tls-install` makes it. */
    identity: path,
    /** CA certificates of the pinned roots, PEM: the central bank's, and those of manufacturers. */
    roots: Type.Array(path, { minItems: 1 }),
    /** Revocation lists, PEM: of every issuer, or none. */
    revocationLists: Type.Optional(Type.Array(path)),
  },
  { additionalProperties: false },
);

export type TlsConfig = Static<typeof tlsSchema>;

/** The same with its paths made absolute. */
export function tlsPaths(tls: TlsConfig, at: (path: string) => string): TlsConfig {
  const { identity, roots, revocationLists } = tls;
  return {
    identity: at(identity),
    roots: roots.map(at),
    ...(revocationLists === undefined ? {} : { revocationLists: revocationLists.map(at) }),
  };
}

/** Reads what a configuration names. */
export async function loadTls(
  { identity, roots, revocationLists = [] }: TlsConfig,
  passphraseFile: string | undefined,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<TlsSettings> {
  const passphrase =
    passphraseFile === undefined
      ? (environment["BEZANT_PASSPHRASE"] ?? "")
      : (await readText(passphraseFile)).trim();
  const own = await readTlsIdentity(identity, passphrase);
  if (!own.ok) throw new Unloadable(`${identity}: ${own.error}`);
  const trust = {
    roots: await Promise.all(roots.map(readText)),
    revocationLists: await Promise.all(revocationLists.map(readText)),
  };
  return { own: own.value, trust };
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    throw new Unloadable(`${file}: ${(error as NodeJS.ErrnoException).code ?? String(error)}`);
  }
}
