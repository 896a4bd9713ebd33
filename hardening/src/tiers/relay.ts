import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer, type Server } from "node:https";
import { buffer } from "node:stream/consumers";
import {
  institutionClient,
  nameOf,
  serverOptions,
  type InstitutionClient,
  type TlsIdentity,
  type TlsTrust,
} from "@bezant/pki/tls";
import type { Random } from "../random.ts";

/**
 * Between the providers and the central bank: it loses requests and answers, sends some twice, and brings old ones again. Both
 * sides speak mutual TLS with it as with each other, so it has the TLS keys of all of them, and no key that signs a message.
 */
export type Relay<Name extends string = string> = {
  readonly urls: Readonly<Record<Name, string>>;
  /** Messages that are at the central bank at this moment. */
  readonly underWay: () => number;
  readonly counts: Readonly<Record<Fate, number>>;
  /** From now on chance decides; without it everything arrives, once. */
  readonly disturb: (random: Random | undefined) => void;
  readonly close: () => Promise<void>;
};

export type RelayOptions<Name extends string> = {
  /** The central bank behind it. */
  readonly to: string;
  readonly bank: TlsIdentity;
  readonly providers: Readonly<Record<Name, TlsIdentity>>;
  readonly trust: TlsTrust;
};

type Fate = "passed" | "request-lost" | "answer-lost" | "twice" | "old-again";
type Sent = {
  readonly method: string;
  readonly path: string;
  readonly type: string;
  readonly body: Uint8Array<ArrayBuffer>;
};
type Answer = { readonly status: number; readonly type: string; readonly body: Uint8Array };
type Forward = (sent: Sent) => Promise<Answer>;

/** So many messages of each provider may be brought again. */
const KEPT = 500;

export async function startRelay<Name extends string>(
  options: RelayOptions<Name>,
): Promise<Relay<Name>> {
  const { bank, providers, trust } = options;
  const counts = { passed: 0, "request-lost": 0, "answer-lost": 0, twice: 0, "old-again": 0 };
  let random: Random | undefined;
  let underWay = 0;
  const fate = (): Fate => {
    const chosen = random === undefined ? "passed" : fateOf(random);
    counts[chosen] += 1;
    return chosen;
  };
  const servers: Server[] = [];
  const clients: { readonly close: () => Promise<void> }[] = [];
  const urls: Partial<Record<Name, string>> = {};
  for (const name of Object.keys(providers) as Name[]) {
    const { forward, close } = forwarder(options, providers[name]);
    clients.push({ close });
    const counted: Forward = async (sent) => {
      underWay += 1;
      return forward(sent).finally(() => (underWay -= 1));
    };
    const relay = relayed(counted, fate, (all) => random?.pick(all));
    const server = createServer(serverOptions(bank, trust), (request, response) => {
      // Whoever cannot be reached is not there for the other side either.
      relay(request, response).catch(() => response.destroy());
    });
    urls[name] = await listening(server);
    servers.push(server);
  }
  return {
    urls: urls as Record<Name, string>,
    underWay: () => underWay,
    counts,
    disturb: (by) => {
      random = by;
    },
    close: async () => {
      for (const server of servers) await closed(server);
      await Promise.all(clients.map((client) => client.close()));
    },
  };
}

/** A client of the central bank with this identity. */
export function clientOf(
  bank: TlsIdentity,
  settings: { readonly own: TlsIdentity; readonly trust: TlsTrust },
): InstitutionClient {
  const peer = nameOf(bank);
  if (peer === undefined) throw new Error("the central bank's certificate names no institution");
  return institutionClient(peer, () => settings);
}

function forwarder({ to, bank, trust }: RelayOptions<string>, own: TlsIdentity) {
  const { fetch, close } = clientOf(bank, { own, trust });
  const forward: Forward = async ({ method, path, type, body }) => {
    const message = method === "GET" ? {} : { headers: { "content-type": type }, body };
    const signal = AbortSignal.timeout(30_000);
    const answer = await fetch(to + path, { method, ...message, signal });
    const media = answer.headers.get("content-type") ?? "";
    return { status: answer.status, type: media, body: new Uint8Array(await answer.arrayBuffer()) };
  };
  return { forward, close };
}

function relayed(
  forward: Forward,
  fate: () => Fate,
  pick: (all: readonly Sent[]) => Sent | undefined,
) {
  const old: Sent[] = [];
  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = new Uint8Array(await buffer(request));
    const { method = "GET", url = "/", headers } = request;
    const sent = { method, path: url, type: headers["content-type"] ?? "", body };
    const chosen = fate();
    if (chosen === "request-lost") return void response.destroy();
    if (chosen === "twice") await forward(sent);
    const answer = await forward(sent);
    if (chosen === "old-again" && old.length > 0) await forward(pick(old) ?? sent);
    old.push(sent);
    if (old.length > KEPT) old.shift();
    if (chosen === "answer-lost") return void response.destroy();
    response.writeHead(answer.status, { "content-type": answer.type }).end(answer.body);
  };
}

async function listening(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return `https://127.0.0.1:${address.port}`;
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

function fateOf(random: Random): Fate {
  const chance = random.fraction();
  if (chance < 0.05) return "request-lost";
  if (chance < 0.1) return "answer-lost";
  if (chance < 0.2) return "twice";
  return chance < 0.3 ? "old-again" : "passed";
}
