import { institutionClient, readTlsIdentity } from "@bezant/pki/tls";
import { Unloadable } from "@bezant/service/server";
import { readFile } from "node:fs/promises";
import type { Identity } from "../core/parts.ts";
import { httpCentralBank, type PostBytes } from "../settlement/central-bank.ts";
import type { ProviderConfig } from "./config.ts";
import type { StartOptions } from "./start.ts";

const DEFAULT_SECONDS = 60;

type Environment = Readonly<Record<string, string | undefined>>;

/** The way to the central bank that a configuration names; over https both sides prove who they are. */
export async function loadCentralBank(
  config: ProviderConfig,
  identity: Identity,
  environment: Environment,
): Promise<StartOptions["centralBank"]> {
  const { centralBank } = config;
  if (centralBank === undefined) return undefined;
  const { url, everySeconds = DEFAULT_SECONDS, tls } = centralBank;
  if (url.startsWith("https:") !== (tls !== undefined)) {
    throw new Unloadable(`centralBank: ${url} ${tls === undefined ? "needs tls" : "has no tls"}`);
  }
  const post = tls === undefined ? plain : await loadTls(config, tls, identity, environment);
  return { link: httpCentralBank(url, post), everySeconds };
}

const plain: PostBytes = (url, request) => fetch(url, request);

type Tls = NonNullable<NonNullable<ProviderConfig["centralBank"]>["tls"]>;

async function loadTls(
  { passphraseFile }: ProviderConfig,
  { identity: folder, roots, revocationLists = [] }: Tls,
  { root, currency }: Identity,
  environment: Environment,
): Promise<PostBytes> {
  const passphrase =
    passphraseFile === undefined
      ? (environment["BEZANT_PASSPHRASE"] ?? "")
      : (await readText(passphraseFile)).trim();
  const own = await readTlsIdentity(folder, passphrase);
  if (!own.ok) throw new Unloadable(`${folder}: ${own.error}`);
  if (root.id === undefined) throw new Unloadable("the root's certificate has no name");
  const trust = {
    roots: await Promise.all(roots.map(readText)),
    revocationLists: await Promise.all(revocationLists.map(readText)),
  };
  const peer = { id: root.id, role: "central-bank", currency } as const;
  const { fetch: send } = institutionClient(peer, () => ({ own: own.value, trust }));
  return (url, request) => send(url, request);
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    throw new Unloadable(`${path}: ${(error as NodeJS.ErrnoException).code ?? String(error)}`);
  }
}
