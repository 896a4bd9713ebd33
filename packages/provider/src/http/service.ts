import { toHex } from "@bezant/protocol";
import { responses, type App } from "@bezant/service/http";
import type { Provider } from "../provider.ts";
import { providerJson } from "./json.ts";

/** Who the provider is. */
export function addService(app: App, provider: Provider): void {
  const { id, currency, chain, rootKeyId } = provider.info;
  app.get(
    "/v1/provider",
    {
      schema: {
        summary: "Who this provider is",
        tags: ["registration"],
        response: responses(providerJson),
      },
    },
    () => ({ provider: id, currency, chain: chain.map(toHex), rootKeyId }),
  );
}
