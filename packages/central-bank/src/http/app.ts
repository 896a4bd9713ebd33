import type { FastifyDynamicSwaggerOptions } from "@fastify/swagger";
import {
  addMessageRoute,
  createApp as createHttp,
  DEFAULT_HTTP,
  type App,
  type HttpOptions,
} from "@bezant/service/http";
import type { Database } from "@bezant/service/db";
import type { CentralBank } from "../central-bank.ts";
import { addDirectory, addInfo, messageRoutes } from "./routes.ts";

/** The HTTP interface of a central bank (protocol document §15). */
export function createApp(
  bank: CentralBank,
  db: Pick<Database, "connections">,
  options: HttpOptions = DEFAULT_HTTP,
): Promise<App> {
  const addRoutes = (app: App): void => {
    for (const route of messageRoutes(bank)) addMessageRoute(app, route);
    addInfo(app, bank);
    addDirectory(app, bank);
  };
  return createHttp({ openapi: describe(bank), addRoutes, db, ready: () => bank.ready() }, options);
}

function describe({ info }: Pick<CentralBank, "info">): FastifyDynamicSwaggerOptions {
  return {
    openapi: {
      openapi: "3.1.0",
      info: {
        title: `Bezant central bank ${info.id}`,
        version: "1",
        description:
          "Messages are COSE_Sign1 in deterministic CBOR, as the protocol document's §15 says. Every request may be repeated: " +
          "the same message counts once. Refusals are problem details with a stable `code`, and a `state` that says what became " +
          "of the money.",
      },
      tags: [
        { name: "settlement", description: "Allowances, reports, positions" },
        { name: "directory", description: "Where providers are reached by one another" },
        { name: "payments", description: "Between the reserves of two providers" },
        { name: "operator", description: "Signed by the central bank's operator" },
      ],
    },
  };
}
