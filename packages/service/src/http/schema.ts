import { Type, type TSchema } from "@fastify/type-provider-typebox";
import type { FastifySchema } from "fastify";
import { JSON_MEDIA, PROBLEM, type BinaryMedia } from "./media.ts";
import { problem } from "./problem.ts";

const binary = Type.String({ format: "binary" });

/** Responses of a route: its own, and a problem for whatever goes wrong. */
export function responses(answer: BinaryMedia | TSchema): NonNullable<FastifySchema["response"]> {
  const content =
    typeof answer === "string"
      ? { [answer]: { schema: binary } }
      : { [JSON_MEDIA]: { schema: answer } };
  return {
    200: { description: "Done.", content },
    "4xx": { description: "Refused.", content: { [PROBLEM]: { schema: problem } } },
    "5xx": {
      description: "Not now; the state says whether money may have moved.",
      content: { [PROBLEM]: { schema: problem } },
    },
  };
}

/** A body of messages. Its bytes are for the strict decoders, not for a JSON schema. */
export function binaryBody(media: BinaryMedia): FastifySchema["body"] {
  return { content: { [media]: { schema: binary } } };
}
