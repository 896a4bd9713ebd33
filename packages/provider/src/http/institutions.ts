import type { FastifyDynamicSwaggerOptions } from "@fastify/swagger";
import {
  addMessageRoute,
  COSE,
  createApp,
  LIMITS,
  type App,
  type HttpOptions,
} from "@bezant/service/http";
import type { Database } from "@bezant/service/db";
import type { Provider } from "../provider.ts";

/** What other providers are served, over mutual TLS: nothing of it is for wallets. */
export function createInstitutionsApp(
  provider: Provider,
  db: Pick<Database, "connections">,
  options: HttpOptions,
): Promise<App> {
  const addRoutes = (app: App): void =>
    addMessageRoute(app, {
      path: "/v1/outcomes",
      summary: "How a payment of the asking provider's client has ended",
      tag: "providers",
      accepts: COSE,
      limit: LIMITS.message,
      answers: COSE,
      run: (body, _, from) => provider.answerOutcome(body, from),
    });
  const service = { openapi: describe(provider), addRoutes, db, ready: () => provider.ready() };
  return createApp(service, options);
}

function describe({ info }: Pick<Provider, "info">): FastifyDynamicSwaggerOptions {
  return {
    openapi: {
      openapi: "3.1.0",
      info: {
        title: `Bezant provider ${info.id}, for other providers`,
        version: "1",
        description:
          "Messages are COSE_Sign1 in deterministic CBOR (protocol document §11.4). Refusals are problem details with a stable `code`.",
      },
      tags: [{ name: "providers", description: "Between two providers" }],
    },
  };
}
