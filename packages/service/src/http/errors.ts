import { refusal, type Refusal, type RefusalCode } from "@bezant/protocol";
import type { FastifyReply } from "fastify";
import type { App } from "./app.ts";
import { sendProblem } from "./problem.ts";

/** What Fastify and its plugins refuse, by the status that they give it. */
const BY_STATUS: Readonly<Record<number, RefusalCode>> = {
  400: "malformed",
  404: "not-found",
  405: "not-found",
  413: "too-large",
  414: "malformed",
  415: "unsupported-media-type",
  429: "too-many-requests",
};

/** Whatever goes wrong outside of an operation is answered in the same form. */
export function addErrors(app: App): void {
  app.setErrorHandler((error, request, reply) => {
    const refused = refusalOf(error);
    if (refused.code === "internal-error") request.log.error({ err: error }, "bug");
    return sendProblem(reply, refused);
  });
  app.setNotFoundHandler((_, reply) => sendProblem(reply, refusal("not-found")));
}

/** What the router refuses before there is a route: a path that is no path, or a part of one that is far too long. */
export function refuseUnrouted(error: Error, reply: FastifyReply): void {
  sendProblem(reply, refusalOf(error));
}

function refusalOf(error: unknown): Refusal {
  if (!(error instanceof Error)) return refusal("internal-error");
  const status = "statusCode" in error ? Number(error.statusCode) : 500;
  const code = BY_STATUS[status];
  return code === undefined ? refusal("internal-error") : refusal(code, error.message);
}
