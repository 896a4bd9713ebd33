import { isWalletId, walletId } from "@bezant/protocol";
import type { Provider } from "../provider.ts";
import type { App } from "./app.ts";
import { clientParams } from "./json.ts";
import { MESSAGE_ROUTES, type MessageRoute } from "./message-routes.ts";
import { sendProblem } from "./problem.ts";
import { binaryBody, responses } from "./schema.ts";

export function addMessageRoutes(
  app: App,
  provider: Provider,
  registrationsPerMinute: number,
): void {
  for (const route of MESSAGE_ROUTES) {
    const isOpen = route.path === "/v1/clients";
    const rateLimit = { max: registrationsPerMinute, timeWindow: "1 minute" };
    addMessageRoute(app, provider, route, isOpen ? { rateLimit } : {});
  }
}

function addMessageRoute(
  app: App,
  provider: Provider,
  { path, summary, tag, accepts, limit, answers, run }: MessageRoute,
  config: object,
): void {
  const hasClient = path.includes(":client");
  app.route({
    method: "POST",
    url: path,
    bodyLimit: limit,
    config: { ...config, accepts },
    schema: {
      summary,
      tags: [tag],
      ...(hasClient ? { params: clientParams } : {}),
      body: binaryBody(accepts),
      response: responses(answers),
    },
    handler: async (request, reply) => {
      const { client = "" } = request.params as { client?: string };
      const body = request.body as Buffer;
      const done = await run(provider, body, isWalletId(client) ? walletId(client) : NO_CLIENT);
      if (!done.ok) return sendProblem(reply, done.error);
      if (typeof answers === "string") return reply.type(answers).send(toBuffer(done.value));
      return reply.send(done.value);
    },
  });
}

/** For the routes that name no client. */
const NO_CLIENT = walletId("0".repeat(64));

function toBuffer(value: Uint8Array | object): Buffer {
  if (!(value instanceof Uint8Array)) throw new Error("not bytes");
  return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
}
