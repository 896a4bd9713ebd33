import { institutionClient } from "@bezant/pki/tls";
import type { OemRoot } from "@bezant/protocol";
import { asNow, loadRoot, loadTls, Unloadable, type TlsConfig } from "@bezant/service/server";
import { httpVerifier, type Fetch } from "../attestation/http.ts";
import type { OemVerifier } from "../attestation/verifier.ts";
import type { ProviderConfig } from "./config.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** The manufacturers' services that a configuration names; over https both sides prove who they are. */
export function loadVerifiers(
  { attestation: { verifiers = [] }, passphraseFile }: ProviderConfig,
  environment: Environment,
): Promise<readonly OemVerifier[]> {
  return Promise.all(
    verifiers.map(async ({ oemRoot, url, tls }) => {
      if (url.startsWith("https:") !== (tls !== undefined)) {
        const what = tls === undefined ? "needs tls" : "has no tls";
        throw new Unloadable(`attestation.verifiers: ${url} ${what}`);
      }
      const root = await loadOemRoot(oemRoot);
      if (tls === undefined) return httpVerifier(root, url, fetch);
      return httpVerifier(root, url, await fetchFrom(root, tls, passphraseFile, environment));
    }),
  );
}

export async function loadOemRoot(path: string): Promise<OemRoot> {
  const { id, key } = await loadRoot(path, "oem-root");
  if (id === undefined) throw new Unloadable(`${path} names nobody`);
  return { id, key };
}

async function fetchFrom(
  { id }: OemRoot,
  tls: TlsConfig,
  passphraseFile: string | undefined,
  environment: Environment,
): Promise<Fetch> {
  const settings = await loadTls(tls, passphraseFile, environment);
  return institutionClient({ id, role: "manufacturer" }, asNow(settings)).fetch;
}
