import {
  institutionId,
  isCounter,
  refusal,
  taId,
  toHex,
  walletId,
  type Refusal,
  type WalletId,
} from "@bezant/protocol";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { Provider } from "../provider.ts";
import { COSE, JSON_MEDIA, responses, sendProblem, type App } from "@bezant/service/http";
import {
  balanceJson,
  challengeBody,
  challengeJson,
  clientParams,
  historyJson,
  historyQuery,
  outcomeParams,
  outcomeQueryString,
} from "./json.ts";

const security = [{ token: [] }];
const tags = ["reads"];
const MOST_ENTRIES = 500;
const SOME_ENTRIES = 50;

/** Challenges, and what a client may read with a token. */
export function addReads(app: App, provider: Provider): void {
  app.post(
    "/v1/clients/:client/challenges",
    {
      config: { accepts: JSON_MEDIA },
      schema: {
        summary: "Get a nonce to attest with, or to get a token with",
        tags: ["registration"],
        params: clientParams,
        body: challengeBody,
        response: responses(challengeJson),
      },
    },
    async (request, reply) => {
      const client = walletId(request.params.client);
      const made = await provider.challenge(client, request.body.purpose);
      if (!made.ok) return sendProblem(reply, made.error);
      return reply.send({ nonce: toHex(made.value.nonce), expires: made.value.expires });
    },
  );

  app.get(
    "/v1/clients/:client/balance",
    {
      schema: {
        summary: "Balances of a client, and where its TAs stand",
        tags,
        security,
        params: clientParams,
        response: responses(balanceJson),
      },
    },
    async (request, reply) => {
      const client = walletId(request.params.client);
      const refused = unauthorised(provider, client, request);
      if (refused !== undefined) return sendUnauthorised(reply, refused);
      const found = await provider.balance(client);
      if (!found.ok) return sendProblem(reply, found.error);
      const { status, online, suspense, tas } = found.value;
      return reply.send({
        currency: provider.info.currency,
        status,
        online: `${online}`,
        suspense: `${suspense}`,
        tas: tas.map(({ d, w, stored, ...ta }) => ({
          ...ta,
          d: `${d}`,
          w: `${w}`,
          stored: `${stored}`,
        })),
      });
    },
  );

  app.get(
    "/v1/clients/:client/history",
    {
      schema: {
        summary: "Transfers of a client, the newest first",
        tags,
        security,
        params: clientParams,
        querystring: historyQuery,
        response: responses(historyJson),
      },
    },
    async (request, reply) => {
      const client = walletId(request.params.client);
      const refused = unauthorised(provider, client, request);
      if (refused !== undefined) return sendUnauthorised(reply, refused);
      const { before, limit } = request.query;
      const page = await provider.history(client, {
        before: before === undefined ? undefined : BigInt(before),
        limit: Math.min(Number(limit ?? SOME_ENTRIES), MOST_ENTRIES),
      });
      if (!page.ok) return sendProblem(reply, page.error);
      return reply.send({
        entries: page.value.entries.map(({ sequence, amount, ...entry }) => ({
          ...entry,
          sequence: `${sequence}`,
          amount: `${amount}`,
        })),
        ...(page.value.before === undefined ? {} : { before: `${page.value.before}` }),
      });
    },
  );

  app.get(
    "/v1/clients/:client/outcomes/:sender/:index",
    {
      schema: {
        summary: "The signed outcome of a payment, for its payee or its payer",
        tags,
        security,
        params: outcomeParams,
        querystring: outcomeQueryString,
        response: responses(COSE),
      },
    },
    async (request, reply) => {
      const client = walletId(request.params.client);
      const refused = unauthorised(provider, client, request);
      if (refused !== undefined) return sendUnauthorised(reply, refused);
      const index = Number(request.params.index);
      if (!isCounter(index)) return sendProblem(reply, refusal("malformed", "index"));
      const { provider: other } = request.query;
      const elsewhere = other === undefined ? other : institutionId(other);
      const found = await provider.outcome(client, taId(request.params.sender), index, elsewhere);
      if (!found.ok) return sendProblem(reply, found.error);
      return reply.type(COSE).send(Buffer.from(found.value));
    },
  );
}

/** Checks the header `Authorization: Bearer …` (RFC 6750). */
function unauthorised(
  provider: Provider,
  client: WalletId,
  { headers }: FastifyRequest,
): Refusal | undefined {
  const token = /^Bearer ([A-Za-z0-9_-]+)$/.exec(headers.authorization ?? "")?.[1];
  if (token === undefined) return refusal("unauthorised");
  const checked = provider.checkToken(client, token);
  return checked.ok ? undefined : checked.error;
}

function sendUnauthorised(reply: FastifyReply, refused: Refusal): FastifyReply {
  return sendProblem(reply.header("www-authenticate", "Bearer"), refused);
}
