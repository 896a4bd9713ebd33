import { toHex } from "@bezant/protocol";
import type { Provider } from "../provider.ts";
import type { App } from "./app.ts";
import { providerJson } from "./json.ts";
import { sendProblem } from "./problem.ts";
import { responses } from "./schema.ts";

/** Who the provider is, and what machines ask about it. */
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

  const hidden = { schema: { hide: true }, config: { rateLimit: false as const } };
  app.get("/openapi.json", hidden, () => app.swagger());
  app.get("/healthz", hidden, () => ({ status: "ok" }));
  app.get("/readyz", hidden, async (_, reply) => {
    const ready = await provider.ready();
    return ready.ok ? reply.send({ status: "ok" }) : sendProblem(reply, ready.error);
  });
}
