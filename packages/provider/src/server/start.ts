import { randomBytes } from "node:crypto";
import { asyncNodeVerifier } from "@bezant/pki/node";
import {
  err,
  explain,
  ok,
  type PublicKey,
  type Refusal,
  type Result,
  type Signer,
} from "@bezant/protocol";
import type { OemVerifier } from "../attestation/verifier.ts";
import { certificateIssuer } from "../core/issuer.ts";
import type { Clock } from "@bezant/service";
import { machineClock } from "@bezant/service/server";
import type { Identity, ProviderParts } from "../core/parts.ts";
import type { Policy } from "../core/policy.ts";
import type { OpenError } from "@bezant/service/db";
import { openDatabase, type DatabaseOptions } from "../database.ts";
import type { OtherProvider } from "../elsewhere/other-provider.ts";
import { createApp, DEFAULT_HTTP, type HttpOptions } from "../http/app.ts";
import { createInstitutionsApp } from "../http/institutions.ts";
import type { TlsOptions } from "@bezant/service/http";
import { createProvider, type Provider } from "../provider.ts";
import type { CentralBank } from "../settlement/central-bank.ts";
import { keepSettling, type Settling } from "./settling.ts";

export interface StartOptions {
  readonly identity: Identity;
  readonly signer: Signer;
  readonly policy: Policy;
  readonly operators: readonly PublicKey[];
  readonly oemVerifiers?: readonly OemVerifier[];
  readonly secret: Uint8Array;
  readonly database: DatabaseOptions;
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  readonly http?: HttpOptions;
  /** Where the provider settles, and how often it does so by itself; 0: only when it is told to. */
  readonly centralBank?: { readonly link: CentralBank; readonly everySeconds: number } | undefined;
  /** Where other providers are served: over mutual TLS, or without it on a loopback address. */
  readonly institutions?:
    | { readonly host: string; readonly port: number; readonly tls: TlsOptions | undefined }
    | undefined;
  /** The ways to other providers that are configured. */
  readonly otherProviders?: readonly OtherProvider[] | undefined;
  /** The way to one that is not among them, by its entry in the directory; and where this one says there that it is reached. */
  readonly providerAt?: ProviderParts["providerAt"];
  readonly address?: string | undefined;
  /** The machine's, unless a simulation has its own. */
  readonly clock?: Clock;
}

/** A provider that listens. */
export interface RunningProvider {
  /** Where it listens: `http://host:port`. */
  readonly url: string;
  /** Where other providers are served, if anywhere. */
  readonly institutionsUrl: string | undefined;
  readonly provider: Provider;
  /** Of its database. */
  readonly databaseUrl: string;
  /** Stops listening, finishes what is under way, and closes the database; the embedded server is stopped. */
  readonly close: () => Promise<void>;
}

export type StartError =
  | OpenError
  | { readonly code: "chain-refused"; readonly message: string }
  | { readonly code: "status-list"; readonly message: string }
  | { readonly code: "port-unusable"; readonly message: string };

/** How often a server looks whether a new status list is due, in milliseconds. */
const LOOK_AT_STATUS = 60 * 60 * 1000;

/** How often a server looks for lists of institutions that another one was given, in milliseconds. */
const LOOK_AT_LISTS = 60_000;

/** Opens the database, checks the provider's own chain, and listens. */
export async function startProvider(
  options: StartOptions,
): Promise<Result<RunningProvider, StartError>> {
  const { identity, signer, policy, http = DEFAULT_HTTP } = options;
  const opened = await openDatabase(options.database);
  if (!opened.ok) return opened;
  const db = opened.value;
  const created = await createProvider({
    identity,
    db,
    signer,
    verifier: asyncNodeVerifier(),
    issuer: certificateIssuer(identity, signer, policy),
    clock: options.clock ?? machineClock,
    random: (length) => randomBytes(length),
    policy,
    secret: options.secret,
    operators: options.operators,
    centralBank: options.centralBank?.link,
    oemVerifiers: options.oemVerifiers,
    otherProviders: options.otherProviders,
    providerAt: options.providerAt,
    address: options.address,
  });
  if (!created.ok) {
    await db.close();
    return err(chainRefused(created.error));
  }
  const provider = created.value;
  const published = await provider.publishStatus();
  if (!published.ok) {
    await db.close();
    return err({ code: "status-list", message: explain(published.error) });
  }
  // A failure is tried again; until then the list that there is goes on being served.
  const publishing = setInterval(() => void provider.publishStatus(), LOOK_AT_STATUS);
  const looking = setInterval(() => void provider.loadLists(), LOOK_AT_LISTS);
  const app = await createApp(provider, db, http);
  const { institutions } = options;
  const inner =
    institutions && (await createInstitutionsApp(provider, db, { ...http, tls: institutions.tls }));
  let settling: Settling | undefined;
  const close = async (): Promise<void> => {
    clearInterval(publishing);
    clearInterval(looking);
    await settling?.stop();
    await inner?.close();
    await app.close();
    await db.close();
  };
  try {
    const institutionsUrl =
      institutions && (await inner?.listen({ host: institutions.host, port: institutions.port }));
    const url = await app.listen({ host: options.host, port: options.port });
    const { everySeconds = 0 } = options.centralBank ?? {};
    if (everySeconds > 0) settling = keepSettling(provider.settle, everySeconds, app.log);
    return ok({ url, institutionsUrl, provider, databaseUrl: db.url, close });
  } catch (error) {
    await close();
    return err({ code: "port-unusable", message: String(error) });
  }
}

function chainRefused({ code }: Refusal): StartError {
  const message = `The provider's own certificate does not lead to its root: ${code}.`;
  return { code: "chain-refused", message };
}
