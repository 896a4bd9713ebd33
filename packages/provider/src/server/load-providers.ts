import { institutionClient, type InstitutionClient } from "@bezant/pki/tls";
import { institutionId, isProviderAddress, type ProviderId } from "@bezant/protocol";
import { asNow, loadTls, Unloadable } from "@bezant/service/server";
import type { Identity } from "../core/parts.ts";
import { httpProvider, type OtherProvider } from "../elsewhere/other-provider.ts";
import type { ProviderConfig } from "./config.ts";
import type { StartOptions } from "./start.ts";

const DEFAULT_TLS_PORT = 8082;

type Environment = Readonly<Record<string, string | undefined>>;

/** Where other providers are served, and where they serve this one: both sides prove who they are. */
export async function loadProviders(
  { institutions, providers = [], passphraseFile, host }: ProviderConfig,
  { currency }: Identity,
  environment: Environment,
): Promise<Pick<StartOptions, "institutions" | "otherProviders" | "providerAt" | "address">> {
  if (institutions === undefined) {
    if (providers.length > 0) throw new Unloadable("providers: needs institutions.tls");
    return {};
  }
  const settings = await loadTls(institutions.tls, passphraseFile, environment);
  const { address } = institutions;
  if (address !== undefined && !isProviderAddress(address)) {
    throw new Unloadable(
      `institutions.address: ${address} is not https://host or https://host:port`,
    );
  }
  const clients = new Map<ProviderId, InstitutionClient>();
  const clientOf = (id: ProviderId): InstitutionClient => {
    const client =
      clients.get(id) ?? institutionClient({ id, role: "provider", currency }, asNow(settings));
    clients.set(id, client);
    return client;
  };
  const providerAt = (id: ProviderId, url: string): OtherProvider =>
    httpProvider(id, url, (to, request) => clientOf(id).fetch(to, request));
  return {
    institutions: {
      host: institutions.host ?? host ?? "127.0.0.1",
      port: institutions.port ?? DEFAULT_TLS_PORT,
      tls: { ...settings, admits: ["provider"] },
    },
    otherProviders: providers.map(({ id, url }) => providerAt(institutionId(id), url)),
    providerAt,
    address,
  };
}
