import {
  createApp as createHttp,
  DEFAULT_HTTP as DEFAULT,
  type App,
  type HttpOptions as Common,
} from "@bezant/service/http";
import type { Database } from "@bezant/service/db";
import type { Provider } from "../provider.ts";
import { addMessageRoutes } from "./message-handler.ts";
import { describe } from "./openapi.ts";
import { addReads } from "./reads.ts";
import { addService } from "./service.ts";
import { addStatus } from "./status.ts";

export interface HttpOptions extends Common {
  /** Of the requests of one address in a minute, those that may register keys that nobody knows yet. */
  readonly registrationsPerMinute: number;
}

export const DEFAULT_HTTP: HttpOptions = { ...DEFAULT, registrationsPerMinute: 600 };

/** The HTTP interface of a provider (protocol document §14): it parses, limits and reports, and leaves the rest to it. */
export function createApp(
  provider: Provider,
  db: Pick<Database, "connections">,
  options: HttpOptions = DEFAULT_HTTP,
): Promise<App> {
  const waiting = {
    name: "bezant_claims_waiting",
    help: "Claims that wait for a group",
    read: () => provider.waitingClaims(),
  };
  const addRoutes = (app: App): void => {
    addMessageRoutes(app, provider, options.registrationsPerMinute);
    addReads(app, provider);
    addService(app, provider);
    addStatus(app, provider);
  };
  return createHttp(
    {
      openapi: describe(provider),
      addRoutes,
      db,
      gauges: [waiting],
      ready: () => provider.ready(),
      drained: () => provider.drained(),
    },
    options,
  );
}
