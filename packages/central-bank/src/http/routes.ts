import { MAX_MESSAGE, ok, toHex } from "@bezant/protocol";
import {
  CBOR_SEQUENCE,
  COSE,
  LIMITS,
  responses,
  sendProblem,
  type App,
  type MessageRoute,
} from "@bezant/service/http";
import { isBalanced, type Supply } from "../audit/audit.ts";
import type { CentralBank } from "../central-bank.ts";
import { MAX_LISTS } from "@bezant/service/institutions";
import { MAX_REPORT_BYTES } from "../report/read.ts";
import { centralBankJson, orderJson, pageOfDirectory, supplyJson } from "./json.ts";

const one = { accepts: COSE, limit: LIMITS.message } as const;

/** The routes of the protocol document's §15 that take messages, in its order, and the operator's. */
export function messageRoutes(bank: CentralBank): readonly MessageRoute[] {
  return [
    {
      path: "/v1/reports",
      summary: "Report what has moved between online and offline money",
      tag: "settlement",
      accepts: CBOR_SEQUENCE,
      limit: MAX_REPORT_BYTES,
      answers: COSE,
      run: (body, _, from) => bank.report(body, from),
    },
    {
      path: "/v1/allowances",
      summary: "Raise the provider's deposit allowance at the cost of its reserves",
      tag: "settlement",
      ...one,
      answers: COSE,
      run: (body, _, from) => bank.requestAllowance(body, from),
    },
    {
      path: "/v1/payments",
      summary: "Pay a client of another provider",
      tag: "payments",
      ...one,
      answers: COSE,
      run: (body, _, from) => bank.pay(body, from),
    },
    {
      path: "/v1/returns",
      summary: "Give back a payment that cannot be credited",
      tag: "payments",
      ...one,
      answers: COSE,
      run: (body, _, from) => bank.giveBack(body, from),
    },
    {
      path: "/v1/queries",
      summary: "Ask for status, advices, a position, or whether something was reported",
      tag: "settlement",
      ...one,
      answers: CBOR_SEQUENCE,
      run: (body, _, from) => bank.query(body, from),
    },
    {
      path: "/v1/directory",
      summary: "Say where this provider is reached by other providers",
      tag: "directory",
      ...one,
      answers: COSE,
      run: (body, _, from) => bank.acceptEntry(body, from),
    },
    {
      path: "/v1/institutions",
      summary:
        "Exchange status lists of institutions: bring some or none, get the newest of each issuer",
      tag: "settlement",
      accepts: CBOR_SEQUENCE,
      limit: MAX_LISTS * MAX_MESSAGE,
      answers: CBOR_SEQUENCE,
      run: (body) => bank.exchangeLists(body),
    },
    {
      path: "/operator/v1/orders",
      summary: "Carry out a signed order: issue, redeem, open, suspend, close a window, allow",
      tag: "operator",
      ...one,
      answers: orderJson,
      run: async (body, _, from) => {
        const done = await bank.carryOut(body, from);
        if (!done.ok) return done;
        const { kind, orderId } = done.value;
        return ok({ kind, orderId: toHex(orderId) });
      },
    },
    {
      path: "/operator/v1/supply",
      summary: "The supply audit, on a signed query of the operator",
      tag: "operator",
      accepts: COSE,
      limit: MAX_MESSAGE,
      answers: supplyJson,
      run: async (body, _, from) => {
        const asked = await bank.askSupply(body, from);
        return asked.ok ? ok(supplyAsJson(asked.value, bank)) : asked;
      },
    },
  ];
}

/** Amounts and counters as decimal strings. */
function supplyAsJson(supply: Supply, { info }: Pick<CentralBank, "info">): object {
  const { providers, tampered, mismatches, ...totals } = supply;
  return {
    currency: info.currency,
    ...decimal(totals),
    balanced: isBalanced(supply),
    providers: providers.map(decimal),
    tampered: tampered.map(decimal),
    mismatches: mismatches.map(decimal),
  };
}

function decimal(value: object): object {
  return Object.fromEntries(
    Object.entries(value).map(([name, field]: [string, unknown]) => [
      name,
      typeof field === "bigint" ? `${field}` : field,
    ]),
  );
}

/** Who the central bank is. */
export function addInfo(app: App, { info }: Pick<CentralBank, "info">): void {
  const { id, currency, certificate, rootKeyId } = info;
  app.get(
    "/v1/central-bank",
    {
      schema: {
        summary: "Who this central bank is",
        tags: ["settlement"],
        response: responses(centralBankJson),
      },
    },
    () => ({ centralBank: id, currency, certificate: toHex(certificate), rootKeyId }),
  );
}

/** Where providers are reached, a page at a time. Whoever reads it verifies each entry. */
export function addDirectory(app: App, bank: CentralBank): void {
  app.get(
    "/v1/directory",
    {
      schema: {
        summary: "The providers' entries, in the order of their ids",
        tags: ["directory"],
        querystring: pageOfDirectory,
        response: responses(CBOR_SEQUENCE),
      },
    },
    async (request, reply) => {
      const page = await bank.directory(request.query.after);
      if (!page.ok) return sendProblem(reply, page.error);
      return reply.type(CBOR_SEQUENCE).send(Buffer.from(page.value));
    },
  );
}
