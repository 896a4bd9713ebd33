import { institutionClient } from "@bezant/pki/tls";
import { institutionId } from "@bezant/protocol";
import { asNow, loadTls, Unloadable } from "@bezant/service/server";
import type { Identity } from "../core/parts.ts";
import { httpProvider } from "../elsewhere/other-provider.ts";
import type { ProviderConfig } from "./config.ts";
import type { StartOptions } from "./start.ts";

const DEFAULT_TLS_PORT = 8082;

type Environment = Readonly<Record<string, string | undefined>>;

/** Where other providers are served, and where they serve this one: both sides prove who they are. */
export async function loadProviders(
  { institutions, providers = [], passphraseFile, host }: ProviderConfig,
  { currency }: Identity,
  environment: Environment,
): Promise<Pick<StartOptions, "institutions" | "otherProviders">> {
  if (institutions === undefined) {
    if (providers.length > 0) throw new Unloadable("providers: needs institutions.tls");
    return {};
  }
  const settings = await loadTls(institutions.tls, passphraseFile, environment);
  const otherProviders = providers.map(({ id: text, url }) => {
    const id = institutionId(text);
    const client = institutionClient({ id, role: "provider", currency }, asNow(settings));
    return httpProvider(id, url, (to, request) => client.fetch(to, request));
  });
  return {
    institutions: {
      host: institutions.host ?? host ?? "127.0.0.1",
      port: institutions.port ?? DEFAULT_TLS_PORT,
      tls: { ...settings, admits: ["provider"] },
    },
    otherProviders,
  };
}
