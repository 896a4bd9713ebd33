import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from "prom-client";
import type { App, HttpService } from "./app.ts";

const SECONDS = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5];

export interface GaugeOf {
  readonly name: string;
  readonly help: string;
  readonly read: () => number;
}

/** Prometheus metrics at /metrics: requests by route and status, refusals by code, connections, the service's own. */
export function addMetrics(
  app: App,
  { db, gauges = [] }: Pick<HttpService, "db" | "gauges">,
): void {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  const durations = new Histogram({
    name: "bezant_http_request_seconds",
    help: "Time from the first byte of a request to the last of its answer",
    labelNames: ["method", "route", "status"],
    buckets: SECONDS,
    registers,
  });
  const refusals = new Counter({
    name: "bezant_refusals_total",
    help: "Refusals by code",
    labelNames: ["route", "code"],
    registers,
  });
  for (const { name, help, read } of gauges) {
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(read());
      },
    });
  }
  new Gauge({
    name: "bezant_database_connections",
    help: "Connections to PostgreSQL by state",
    labelNames: ["state"],
    registers,
    collect() {
      for (const [state, count] of Object.entries(db.connections())) this.set({ state }, count);
    },
  });
  app.addHook("onResponse", async (request, reply) => {
    const { url: route = "none" } = request.routeOptions;
    const labels = { method: request.method, route, status: reply.statusCode };
    durations.observe(labels, reply.elapsedTime / 1000);
    if (reply.refusal !== undefined) refusals.inc({ route, code: reply.refusal });
    return Promise.resolve();
  });
  app.get("/metrics", { schema: { hide: true }, config: { rateLimit: false } }, async (_, reply) =>
    reply.type(registry.contentType).send(await registry.metrics()),
  );
}
