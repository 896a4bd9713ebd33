import { institutionClient } from "@bezant/pki/tls";
import { asNow, loadTls, Unloadable, type TlsConfig } from "@bezant/service/server";
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
  const post = tls === undefined ? plain : await loadTlsTo(tls, config, identity, environment);
  return { link: httpCentralBank(url, post), everySeconds };
}

const plain: PostBytes = (url, request) => fetch(url, request);

async function loadTlsTo(
  tls: TlsConfig,
  { passphraseFile }: ProviderConfig,
  { root, currency }: Identity,
  environment: Environment,
): Promise<PostBytes> {
  const settings = await loadTls(tls, passphraseFile, environment);
  if (root.id === undefined) throw new Unloadable("the root's certificate has no name");
  const peer = { id: root.id, role: "central-bank", currency } as const;
  const { fetch: send } = institutionClient(peer, asNow(settings));
  return (url, request) => send(url, request);
}
