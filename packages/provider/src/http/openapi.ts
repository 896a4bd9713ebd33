import type { FastifyDynamicSwaggerOptions } from "@fastify/swagger";
import type { Provider } from "../provider.ts";

/** What /openapi.json says apart from the routes. */
export function describe({ info }: Pick<Provider, "info">): FastifyDynamicSwaggerOptions {
  return {
    openapi: {
      openapi: "3.1.0",
      info: {
        title: `Bezant provider ${info.id}`,
        version: "1",
        description:
          "Messages are COSE_Sign1 in deterministic CBOR, as the protocol document says. Every request may be " +
          "repeated: the same message counts once. Refusals are problem details with a stable `code`, and a `state` that " +
          "says what became of the money.",
      },
      tags: [
        { name: "registration", description: "Figures 2 and 3" },
        { name: "money", description: "Figures 5 and 6, and payments between online balances" },
        { name: "offline payments", description: "Figure 9, and how payments end" },
        { name: "reads", description: "With a token" },
        { name: "operator", description: "Signed by the provider's operator" },
      ],
      components: {
        securitySchemes: { token: { type: "http", scheme: "bearer" } },
      },
    },
  };
}
