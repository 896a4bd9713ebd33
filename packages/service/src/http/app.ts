import type { IncomingMessage, ServerResponse } from "node:http";
import type { Server as HttpsServer } from "node:https";
import rateLimit from "@fastify/rate-limit";
import swagger from "@fastify/swagger";
import swaggerUi from "@fastify/swagger-ui";
import type { FastifyDynamicSwaggerOptions } from "@fastify/swagger";
import {
  admit,
  serverOptions,
  type TlsRole,
  type TlsSettings,
  type TlsTrust,
} from "@bezant/pki/tls";
import type { Refusal, Result } from "@bezant/protocol";
import type { TypeBoxTypeProvider } from "@fastify/type-provider-typebox";
import {
  fastify,
  LogController,
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyReply,
  type RawServerDefault,
} from "fastify";
import type { Database } from "../db/index.ts";
import { addClosing } from "./closing.ts";
import { addErrors, refuseUnrouted } from "./errors.ts";
import { addLog, loggerOptions, type LogOptions } from "./log.ts";
import { LIMITS } from "./media.ts";
import { addMetrics, type GaugeOf } from "./metrics.ts";
import { addParsers } from "./parsers.ts";
import { addProbes } from "./probes.ts";
import { keepTlsCurrent } from "./tls-files.ts";

export interface HttpOptions {
  /** Requests of one address in a minute. */
  readonly requestsPerMinute: number;
  /** Whether addresses come from `X-Forwarded-For`, behind a proxy of the operator's. */
  readonly trustProxy: boolean;
  /** Undefined: no log. */
  readonly log: LogOptions | undefined;
  /** Undefined: plain HTTP, for a loopback address or behind a proxy. */
  readonly tls?: TlsOptions | undefined;
}

/** Mutual TLS: whoever connects has to prove which institution it is. */
export interface TlsOptions extends TlsSettings {
  /** The roles of the institutions that are served at all. */
  readonly admits: readonly TlsRole[];
  /** Where the settings come from files: as those are now. */
  readonly reread?: () => { readonly trust: TlsTrust; readonly problem?: string };
}

export const DEFAULT_HTTP: HttpOptions = {
  requestsPerMinute: 6000,
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

/** What an institution puts behind HTTP. */
export interface HttpService {
  /** What /openapi.json says apart from the routes. */
  readonly openapi: FastifyDynamicSwaggerOptions;
  readonly addRoutes: (app: App) => void;
  readonly db: Pick<Database, "connections">;
  /** Metrics beyond those that every server has. */
  readonly gauges?: readonly GaugeOf[];
  /** Whether it can serve. */
  readonly ready: () => Promise<Result<void, Refusal>>;
  /** Answers when nothing is under way any more. */
  readonly drained?: () => Promise<void>;
}

/** The HTTP interface of an institution: it parses, limits and reports, and leaves the rest to the service. */
export async function createApp(
  service: HttpService,
  options: HttpOptions = DEFAULT_HTTP,
): Promise<App> {
  const { tls } = options;
  const settings = {
    logger: loggerOptions(options.log),
    // One line of our own for each answer instead.
    logController: new LogController({ disableRequestLogging: true }),
    trustProxy: options.trustProxy,
    frameworkErrors: (error: Error, _: unknown, reply: FastifyReply) =>
      refuseUnrouted(error, reply),
    bodyLimit: LIMITS.json,
    requestTimeout: REQUEST_TIMEOUT_MS,
    // What comes on an open connection while the server shuts down is still done.
    return503OnClosing: false,
  };
  const app = (
    tls === undefined
      ? fastify(settings)
      : fastify({ ...settings, https: serverOptions(tls.own, tls.trust) })
  ).withTypeProvider<TypeBoxTypeProvider>() as App;
  if (tls !== undefined) {
    admit(app.server as unknown as HttpsServer, ({ role }) => tls.admits.includes(role));
    keepTlsCurrent(app, tls);
  }
  addErrors(app);
  addClosing(app);
  addLog(app);
  addParsers(app);
  addMetrics(app, service);
  await app.register(rateLimit, { max: options.requestsPerMinute, timeWindow: "1 minute" });
  await app.register(swagger, service.openapi);
  await app.register(swaggerUi, { routePrefix: "/docs", staticCSP: true });
  // Routes come after the plugins that watch them.
  app.after(() => {
    service.addRoutes(app);
    addProbes(app, service);
  });
  app.addHook("onClose", () => service.drained?.());
  await app.ready();
  return app;
}
