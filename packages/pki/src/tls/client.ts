import { Agent, buildConnector, fetch as undiciFetch } from "undici";
import { uriOf, type InstitutionName } from "../x509/names.ts";
import { read } from "./peer.ts";
import { contextOf, type TlsIdentity, type TlsTrust } from "./settings.ts";

/** Why a connection was not made: the server proved that it is somebody else. It is the `cause` of what `fetch` throws. */
export class WrongPeer extends Error {
  override readonly name = "WrongPeer";
  readonly code = "ERR_WRONG_PEER";
}

/** What a connection is made with; asked anew for each one, so that a renewed certificate or list needs no restart. */
export type TlsSettings = { readonly own: TlsIdentity; readonly trust: TlsTrust };

export type InstitutionClient = {
  /** The platform's `fetch`, with a certificate of its own and for one server only. */
  readonly fetch: typeof globalThis.fetch;
  readonly close: () => Promise<void>;
};

/**
 * Requests to one institution: the server has to prove that it is this one, in this role and currency, under a pinned root. The
 * host name in the URL is only an address.
 */
export function institutionClient(
  peer: InstitutionName,
  settings: () => TlsSettings,
): InstitutionClient {
  const agent = new Agent({
    connect: (options, callback) => {
      const { own, trust } = settings();
      const connect = buildConnector({
        ...contextOf(own, trust),
        rejectUnauthorized: true,
        // A resumed session would not be checked again.
        maxCachedSessions: 0,
        checkServerIdentity: (_host, { raw }) => refusalOf(raw, peer),
      });
      connect(options, callback);
    },
  });
  const send = (input: unknown, init: object = {}): Promise<unknown> =>
    undiciFetch(input as string, { ...init, dispatcher: agent });
  return { fetch: send as typeof globalThis.fetch, close: () => agent.close() };
}

function refusalOf(raw: Buffer, peer: InstitutionName): Error | undefined {
  const found = read(raw);
  if (found !== undefined && uriOf(found) === uriOf(peer)) return undefined;
  const who = found === undefined ? "no institution" : uriOf(found);
  return new WrongPeer(`the server is ${who}, not ${uriOf(peer)}`);
}
