import { isWalletId, walletId } from "@bezant/protocol";
import { addMessageRoute, type App } from "@bezant/service/http";
import type { Provider } from "../provider.ts";
import { clientParams } from "./json.ts";
import { MESSAGE_ROUTES } from "./message-routes.ts";

export function addMessageRoutes(
  app: App,
  provider: Provider,
  registrationsPerMinute: number,
): void {
  for (const { run, ...route } of MESSAGE_ROUTES) {
    const isOpen = route.path === "/v1/clients";
    const rateLimit = { max: registrationsPerMinute, timeWindow: "1 minute" };
    addMessageRoute(app, {
      ...route,
      ...(route.path.includes(":client") ? { params: clientParams } : {}),
      config: isOpen ? { rateLimit } : {},
      run: (body, { client = "" }) =>
        run(provider, body, isWalletId(client) ? walletId(client) : NO_CLIENT),
    });
  }
}

/** For the routes that name no client. */
const NO_CLIENT = walletId("0".repeat(64));
