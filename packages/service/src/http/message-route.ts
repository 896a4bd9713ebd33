import { peerOf } from "@bezant/pki/tls";
import type { InstitutionName } from "@bezant/pki/x509";
import type { Result } from "@bezant/protocol";
import type { TSchema } from "@fastify/type-provider-typebox";
import type { App } from "./app.ts";
import type { BinaryMedia } from "./media.ts";
import { sendProblem, type AnyRefusal } from "./problem.ts";
import { binaryBody, responses } from "./schema.ts";

/** A route that takes messages: bytes in, bytes or JSON out. */
export interface MessageRoute {
  readonly path: string;
  readonly summary: string;
  readonly tag: string;
  readonly accepts: BinaryMedia;
  /** Bytes of the body at most. */
  readonly limit: number;
  readonly answers: BinaryMedia | TSchema;
  /** Of the path. */
  readonly params?: TSchema;
  /** Fastify's settings of the route. */
  readonly config?: object;
  readonly run: (
    body: Uint8Array,
    params: Readonly<Record<string, string>>,
    /** Who brings it, where the server speaks mutual TLS. */
    peer: InstitutionName | undefined,
  ) => Promise<Result<Uint8Array | object, AnyRefusal>>;
}

export function addMessageRoute(
  app: App,
  { path, summary, tag, accepts, limit, answers, params, config, run }: MessageRoute,
): void {
  app.route({
    method: "POST",
    url: path,
    bodyLimit: limit,
    config: { ...config, accepts },
    schema: {
      summary,
      tags: [tag],
      ...(params === undefined ? {} : { params }),
      body: binaryBody(accepts),
      response: responses(answers),
    },
    handler: async (request, reply) => {
      const named = request.params as Record<string, string>;
      const done = await run(request.body as Buffer, named, peerOf(request.raw.socket));
      if (!done.ok) return sendProblem(reply, done.error);
      if (typeof answers === "string") return reply.type(answers).send(toBuffer(done.value));
      return reply.send(done.value);
    },
  });
}

function toBuffer(value: Uint8Array | object): Buffer {
  if (!(value instanceof Uint8Array)) throw new Error("not bytes");
  return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
}
