import { TypeBoxValidatorCompiler, type TSchema } from "@fastify/type-provider-typebox";
import type { App } from "./app.ts";
import { BINARY_MEDIA } from "./media.ts";

declare module "fastify" {
  interface FastifyContextConfig {
    /** The one media type that the route takes. */
    accepts?: string;
  }
}

/** Messages arrive as bytes for the strict decoders; JSON is checked against the route's schema. */
export function addParsers(app: App): void {
  app.removeContentTypeParser("text/plain");
  app.addContentTypeParser([...BINARY_MEDIA], { parseAs: "buffer" }, (_, body, done) => {
    done(null, body);
  });
  app.setValidatorCompiler((part) =>
    isBinary(part.schema)
      ? () => true
      : TypeBoxValidatorCompiler(part as typeof part & { schema: TSchema }),
  );
  app.addHook("onRequest", (request, _, done) => {
    const { accepts } = request.routeOptions.config;
    const [media = ""] = (request.headers["content-type"] ?? "").split(";");
    if (accepts === undefined || media.trim().toLowerCase() === accepts) done();
    else done(new UnsupportedMedia(`this route takes ${accepts}`));
  });
}

class UnsupportedMedia extends Error {
  override readonly name = "UnsupportedMedia";
  readonly statusCode = 415;
}

function isBinary(schema: unknown): boolean {
  return (schema as { readonly format?: string }).format === "binary";
}
