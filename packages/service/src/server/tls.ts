import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import process from "node:process";
import {
  isUsable,
  readTlsIdentity,
  type TlsIdentity,
  type TlsSettings,
  type TlsTrust,
} from "@bezant/pki/tls";
import { Type, type Static } from "@fastify/type-provider-typebox";
import { pathSchema } from "./config-file.ts";
import { Unloadable } from "./load.ts";

/** Who an institution is on TLS, and whom it believes; for its server and for what it asks others. */
export const tlsSchema = Type.Object(
  {
    /** Folder of the TLS key and certificates, as `bezant ca tls-install` makes it. */
    identity: pathSchema,
    /** CA certificates of the pinned roots, PEM: the central bank's, and those of manufacturers. */
    roots: Type.Array(pathSchema, { minItems: 1 }),
    /** Revocation lists, PEM: of every issuer, or none. */
    revocationLists: Type.Optional(Type.Array(pathSchema)),
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

/** Roots and revocation lists as the files say now; where those cannot be used, the last ones that could, and why. */
export interface Reread {
  readonly trust: TlsTrust;
  readonly problem?: string;
}

/** What was loaded from files, whose roots and revocation lists can be read again. */
export interface LoadedTls extends TlsSettings {
  /** The same `trust` as long as nothing has changed. */
  readonly reread: () => Reread;
}

/** Reads what a configuration names. */
export async function loadTls(
  { identity, roots, revocationLists = [] }: TlsConfig,
  passphraseFile: string | undefined,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<LoadedTls> {
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
  if (!isUsable(own.value, trust)) throw new Unloadable("a root or a revocation list is no PEM");
  return { own: own.value, trust, reread: rereader(own.value, trust, { roots, revocationLists }) };
}

function rereader(
  own: TlsIdentity,
  first: TlsTrust,
  { roots, revocationLists }: Required<Pick<TlsConfig, "roots" | "revocationLists">>,
): () => Reread {
  let trust = first;
  return () => {
    try {
      const read = (file: string): string => readFileSync(file, "utf8");
      const found = { roots: roots.map(read), revocationLists: revocationLists.map(read) };
      if (JSON.stringify(found) === JSON.stringify(trust)) return { trust };
      if (!isUsable(own, found)) return { trust, problem: "a root or a revocation list is no PEM" };
      trust = found;
      return { trust };
    } catch (error) {
      return { trust, problem: String(error) };
    }
  };
}

/** For what an institution asks others: each new connection goes by the files as they are then. */
export function asNow(loaded: LoadedTls): () => TlsSettings {
  let said: string | undefined;
  return () => {
    const { trust, problem } = loaded.reread();
    if (problem !== undefined && problem !== said) {
      process.emitWarning(`TLS: ${problem}; what was read before counts`);
    }
    said = problem;
    return { own: loaded.own, trust };
  };
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    throw new Unloadable(`${file}: ${(error as NodeJS.ErrnoException).code ?? String(error)}`);
  }
}
