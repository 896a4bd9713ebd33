import { institutionClient, nameOf, type InstitutionClient } from "@bezant/pki/tls";
import { loadTls, Unloadable } from "@bezant/service/server";
import type { Command } from "commander";
import { EXIT } from "../exit-codes.ts";
import { Failure } from "../failure.ts";
import type { Fetch } from "./signed-post.ts";

export type TlsOptions = { readonly tls?: string; readonly tlsRoot?: string };

/** For commands that speak to an institution's own server. */
export function tlsOptions(command: Command): Command {
  return command
    .option("--tls <folder>", "TLS identity of the institution itself, where its server speaks TLS")
    .option("--tls-root <file>", "CA certificate of the root, PEM");
}

/** The TLS of a configuration file, both parts of it or nothing. */
export function tlsSettings({ tls, tlsRoot }: TlsOptions) {
  if (tls === undefined && tlsRoot === undefined) return undefined;
  if (tls !== undefined && tlsRoot !== undefined) return { identity: tls, root: tlsRoot };
  throw new Failure("--tls and --tls-root go together.", EXIT.usage);
}

/**
 * `fetch` to the institution's own server alone: both sides prove that they are this institution. Without TLS options it is
 * the platform's.
 */
export async function ownFetch(
  options: TlsOptions,
  passphrase: string,
): Promise<{ readonly fetch: Fetch; readonly close: () => Promise<void> }> {
  const settings = tlsSettings(options);
  if (settings === undefined) return { fetch, close: () => Promise.resolve() };
  return open({ ...settings, passphrase });
}

async function open(settings: {
  readonly identity: string;
  readonly root: string;
  readonly passphrase: string;
}): Promise<InstitutionClient> {
  const { identity, root, passphrase } = settings;
  try {
    const environment = { BEZANT_PASSPHRASE: passphrase };
    const tls = await loadTls({ identity, roots: [root] }, undefined, environment);
    const own = nameOf(tls.own);
    if (own === undefined) throw new Failure(`${identity} names no institution`);
    return institutionClient(own, () => tls);
  } catch (error) {
    if (error instanceof Unloadable) throw new Failure(error.message);
    throw error;
  }
}
