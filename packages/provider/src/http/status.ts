import { institutionId, isCounter, refusal } from "@bezant/protocol";
import { CBOR_SEQUENCE, COSE, responses, sendProblem, type App } from "@bezant/service/http";
import type { Provider } from "../provider.ts";
import { indexParams, statusQuery } from "./json.ts";

const tags = ["reads"];

/** The status list, for anybody: whole, or the chunk that covers one index. */
export function addStatus(app: App, provider: Provider): void {
  app.get(
    "/v1/status",
    {
      schema: {
        summary: "The whole status list, chunk after chunk",
        tags,
        querystring: statusQuery,
        response: responses(CBOR_SEQUENCE),
      },
    },
    async (request, reply) => {
      const { issuer } = request.query;
      const found = await provider.statusList(
        issuer === undefined ? issuer : institutionId(issuer),
      );
      if (!found.ok) return sendProblem(reply, found.error);
      return reply.type(CBOR_SEQUENCE).send(Buffer.from(found.value));
    },
  );

  app.get(
    "/v1/status/:index",
    {
      schema: {
        summary: "The chunk of the status list that covers an index",
        tags,
        params: indexParams,
        querystring: statusQuery,
        response: responses(COSE),
      },
    },
    async (request, reply) => {
      const index = Number(request.params.index);
      if (!isCounter(index)) return sendProblem(reply, refusal("malformed", "index"));
      const { issuer } = request.query;
      const of = issuer === undefined ? issuer : institutionId(issuer);
      const found = await provider.statusChunkAt(index, of);
      if (!found.ok) return sendProblem(reply, found.error);
      return reply.type(COSE).send(Buffer.from(found.value));
    },
  );
}
