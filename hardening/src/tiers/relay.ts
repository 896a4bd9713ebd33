import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { buffer } from "node:stream/consumers";
import type { Random } from "../random.ts";

/** Between the providers and the central bank: it loses requests and answers, sends some twice, and brings old ones again. */
export type Relay = {
  readonly url: string;
  /** Messages that are at the central bank at this moment. */
  readonly underWay: () => number;
  readonly counts: Readonly<Record<Fate, number>>;
  /** From now on chance decides; without it everything arrives, once. */
  readonly disturb: (random: Random | undefined) => void;
  readonly close: () => Promise<void>;
};

type Fate = "passed" | "request-lost" | "answer-lost" | "twice" | "old-again";
type Sent = {
  readonly path: string;
  readonly type: string;
  readonly body: Uint8Array<ArrayBuffer>;
};
type Answer = { readonly status: number; readonly type: string; readonly body: Uint8Array };

/** So many messages may be brought again. */
const KEPT = 500;

export async function startRelay(to: string): Promise<Relay> {
  const counts = { passed: 0, "request-lost": 0, "answer-lost": 0, twice: 0, "old-again": 0 };
  const old: Sent[] = [];
  let random: Random | undefined;
  let underWay = 0;

  const forward = async (sent: Sent): Promise<Answer> => {
    underWay += 1;
    try {
      const answer = await fetch(to + sent.path, {
        method: "POST",
        headers: { "content-type": sent.type },
        body: sent.body,
        signal: AbortSignal.timeout(30_000),
      });
      const type = answer.headers.get("content-type") ?? "";
      return { status: answer.status, type, body: new Uint8Array(await answer.arrayBuffer()) };
    } finally {
      underWay -= 1;
    }
  };
  const relay = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = new Uint8Array(await buffer(request));
    const type = request.headers["content-type"] ?? "";
    const sent = { path: request.url ?? "/", type, body };
    const fate = random === undefined ? "passed" : fateOf(random);
    counts[fate] += 1;
    if (fate === "request-lost") return void response.destroy();
    if (fate === "twice") await forward(sent);
    const answer = await forward(sent);
    if (fate === "old-again" && old.length > 0) await forward(random?.pick(old) ?? sent);
    old.push(sent);
    if (old.length > KEPT) old.shift();
    if (fate === "answer-lost") return void response.destroy();
    response.writeHead(answer.status, { "content-type": answer.type }).end(answer.body);
  };
  const server = createServer((request, response) => {
    // Whoever cannot be reached is not there for the other side either.
    relay(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = address === null || typeof address === "string" ? 0 : address.port;
  return {
    url: `http://127.0.0.1:${port}`,
    underWay: () => underWay,
    counts,
    disturb: (by) => {
      random = by;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function fateOf(random: Random): Fate {
  const chance = random.fraction();
  if (chance < 0.05) return "request-lost";
  if (chance < 0.1) return "answer-lost";
  if (chance < 0.2) return "twice";
  return chance < 0.3 ? "old-again" : "passed";
}
