import type { IncomingMessage, ServerResponse } from "node:http";
import rateLimit from "@fastify/rate-limit";
import swagger from "@fastify/swagger";
import swaggerUi from "@fastify/swagger-ui";
import type { TypeBoxTypeProvider } from "@fastify/type-provider-typebox";
import {
  fastify,
  LogController,
  type FastifyBaseLogger,
  type FastifyInstance,
  type RawServerDefault,
} from "fastify";
import type { Database } from "../db/index.ts";
import type { Provider } from "../provider.ts";
import { addClosing } from "./closing.ts";
import { addErrors } from "./errors.ts";
import { addLog, loggerOptions, type LogOptions } from "./log.ts";
import { LIMITS } from "./media.ts";
import { addMessageRoutes } from "./message-handler.ts";
import { addMetrics } from "./metrics.ts";
import { describe } from "./openapi.ts";
import { addParsers } from "./parsers.ts";
import { addReads } from "./reads.ts";
import { addService } from "./service.ts";

export interface HttpOptions {
  /** Requests of one address in a minute. */
  readonly requestsPerMinute: number;
  /** Of these, those that may register keys that nobody knows yet. */
  readonly registrationsPerMinute: number;
  /** Whether addresses come from `X-Forwarded-For`, behind a proxy of the operator's. */
  readonly trustProxy: boolean;
  /** Undefined: no log. */
  readonly log: LogOptions | undefined;
}

export const DEFAULT_HTTP: HttpOptions = {
  requestsPerMinute: 6000,
  registrationsPerMinute: 600,
  trustProxy: false,
  log: undefined,
};

export type App = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>;

const REQUEST_TIMEOUT_MS = 60_000;

/** The HTTP interface of a provider (protocol document §14): it parses, limits and reports, and leaves the rest to it. */
export async function createApp(
  provider: Provider,
  db: Pick<Database, "connections">,
  options: HttpOptions = DEFAULT_HTTP,
): Promise<App> {
  const app = fastify({
    logger: loggerOptions(options.log),
    // One line of our own for each answer instead.
    logController: new LogController({ disableRequestLogging: true }),
    trustProxy: options.trustProxy,
    bodyLimit: LIMITS.json,
    requestTimeout: REQUEST_TIMEOUT_MS,
    // What comes on an open connection while the server shuts down is still done.
    return503OnClosing: false,
  }).withTypeProvider<TypeBoxTypeProvider>();
  addErrors(app);
  addClosing(app);
  addLog(app);
  addParsers(app);
  addMetrics(app, provider, db);
  await app.register(rateLimit, { max: options.requestsPerMinute, timeWindow: "1 minute" });
  await app.register(swagger, describe(provider));
  await app.register(swaggerUi, { routePrefix: "/docs", staticCSP: true });
  // Routes come after the plugins that watch them.
  app.after(() => {
    addMessageRoutes(app, provider, options.registrationsPerMinute);
    addReads(app, provider);
    addService(app, provider);
  });
  app.addHook("onClose", () => provider.drained());
  await app.ready();
  return app;
}
