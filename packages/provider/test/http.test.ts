import { readFileSync } from "node:fs";
import { join } from "node:path";
import { keyIdOf, toHex } from "@bezant/protocol";
import { beforeAll, describe, expect, test } from "vitest";
import { MESSAGE_ROUTES } from "../src/http/message-routes.ts";
import { useDatabase } from "./support/database.ts";
import { makeWorld, overSocket, TestWallet, type World } from "./support/world/index.ts";
import { expectSupplyIdentity } from "./support/world/supply.ts";

const database = useDatabase();
let world: World;
beforeAll(async () => {
  world = await makeWorld(database());
});
expectSupplyIdentity(() => world);

interface OpenApi {
  readonly openapi: string;
  readonly paths: Record<string, Record<string, Operation>>;
}
interface Operation {
  readonly requestBody?: { readonly content: Record<string, unknown> };
  readonly responses: Record<string, { readonly content: Record<string, unknown> }>;
}

async function openApi(): Promise<OpenApi> {
  return (await world.http.get("/openapi.json")).json() as OpenApi;
}

describe("the HTTP interface", () => {
  test("has exactly the routes of the protocol document, and the operator's", async () => {
    const document = join(import.meta.dirname, "../../../docs/protocol.md");
    const [, section = ""] = /^## 14\.(.*?)^## 15\./ms.exec(readFileSync(document, "utf8")) ?? [];
    const rows = section.matchAll(/^\| `(GET|POST) (\/v1[^`]*)`(?: · `(\/\w+)`)?/gm);
    const specified = [...rows].flatMap(([, method = "", path = "", more]) => {
      const base = path.replace(/\/\w+$/, "");
      return [`${method} ${path}`, ...(more === undefined ? [] : [`${method} ${base}${more}`])];
    });
    const { paths } = await openApi();
    const served = Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    const names = (route: string): string => route.replace("{sender}/{index}", "{s}/{i}");
    expect(served.map(names).toSorted()).toEqual(
      [
        ...specified,
        ...["orders", "restores", "settlements", "status", "supply", "write-offs"].map(
          (of) => `POST /operator/v1/${of}`,
        ),
      ]
        .map(names)
        .toSorted(),
    );
  });

  test("describes media types, answers and problems in OpenAPI 3.1", async () => {
    const { openapi, paths } = await openApi();
    expect(openapi).toBe("3.1.0");
    for (const { path, accepts, answers } of MESSAGE_ROUTES) {
      const { requestBody, responses } = paths[path.replace(":client", "{client}")]!["post"]!;
      expect(Object.keys(requestBody!.content)).toEqual([accepts]);
      const answer = typeof answers === "string" ? answers : "application/json";
      expect(Object.keys(responses["200"]!.content)).toEqual([answer]);
      expect(Object.keys(responses["4XX"]!.content)).toEqual(["application/problem+json"]);
    }
  });

  test("serves the page of the description", async () => {
    const page = await world.http.get("/docs/");
    expect([page.status, page.media]).toEqual([200, "text/html; charset=utf-8"]);
    expect(page.text()).toContain("swagger");
  });

  test("says who the provider is", async () => {
    const reply = await world.http.get("/v1/provider");
    expect(reply.json()).toEqual({
      provider: world.id,
      currency: "EUR",
      chain: world.chain.map(toHex),
      rootKeyId: keyIdOf(world.institutions.root.key),
    });
  });

  test("refuses a path that is none, or far too long, as it refuses everything", async () => {
    for (const path of [
      "/v1/clients/%",
      "/v1/clients/%c3%28",
      `/v1/clients/${"x".repeat(5_000)}`,
    ]) {
      const reply = await world.http.get(path);
      expect(reply.status).toBe(400);
      expect(reply.media).toContain("application/problem+json");
      expect(reply.json()).toMatchObject({ code: "malformed", state: "nothing-moved" });
    }
  });

  test("answers in the media type of the route", async () => {
    const [wallet, ta] = await world.walletWithTa(100n);
    const reply = await wallet.post("deposits", wallet.depositRequest(ta.reserve(1n)));
    expect(reply.media).toBe("application/cbor-seq");
    ta.apply(reply.bytes());
    const withdrawn = await wallet.post("withdrawals", ta.withdraw(1n));
    expect(withdrawn.media).toBe("application/cose");
  });

  test("writes the history newest first, page by page", async () => {
    const [wallet, ta] = await world.walletWithTa(1000n, 300n);
    await wallet.withdraw(ta, 20n);
    type Page = {
      entries: { sequence: string; operation: string; amount: string }[];
      before?: string;
    };
    const first = (await wallet.get("history?limit=2")).json() as Page;
    expect(first.entries).toMatchObject([
      { sequence: "3", operation: "withdrawal", party: ta.id, reference: "00000001", amount: "20" },
      { sequence: "2", operation: "deposit", debit: "online", credit: "offline", amount: "300" },
    ]);
    const second = (await wallet.get(`history?limit=2&before=${first.before}`)).json() as Page;
    expect(second.entries).toMatchObject([
      { sequence: "1", operation: "funding", party: "", debit: "reserves", amount: "1000" },
    ]);
    expect(second.before).toBeUndefined();
  });

  test("is alive, ready, and measures itself", async () => {
    expect((await world.http.get("/healthz")).status).toBe(200);
    expect((await world.http.get("/readyz")).status).toBe(200);
    await world.http.get("/nowhere");
    const metrics = (await world.http.get("/metrics")).text();
    expect(metrics).toMatch(
      /bezant_http_request_seconds_count\{method="GET",route="\/readyz",status="200"\} \d/,
    );
    expect(metrics).toContain('bezant_refusals_total{route="none",code="not-found"}');
    expect(metrics).toContain("bezant_claims_waiting 0");
    expect(metrics).toMatch(/bezant_database_connections\{state="open"\} [1-9]/);
  });

  test("logs routes, never addresses, ids, amounts, bodies or tokens", async () => {
    const lines: string[] = [];
    const log = { level: "info", stream: { write: (line: string) => void lines.push(line) } };
    const logged = await makeWorld(database(), { http: { log } });
    const [wallet, ta] = await logged.walletWithTa(9876n, 5432n);
    const token = await wallet.token();
    await wallet.get("balance", token);
    await wallet.post("deposits", wallet.depositRequest(ta.reserve(99_999n)));
    const text = lines.join("");
    expect(text).toContain(
      '"route":"/v1/clients/:client/deposits","status":422,"code":"insufficient-balance"',
    );
    for (const secret of [wallet.id, ta.id, token, "9876", "5432", "127.0.0.1"]) {
      expect(text).not.toContain(secret);
    }
    await logged.app.close();
  });

  test("limits the requests of one address", async () => {
    const http = { requestsPerMinute: 5, registrationsPerMinute: 3 };
    const limited = await makeWorld(database(), { http });
    const wallet = new TestWallet(limited.http, limited.id, limited.institutions.root);
    const codes: string[] = [];
    for (let i = 0; i < 4; i += 1) {
      codes.push((await limited.http.cose("/v1/clients", wallet.registration())).code());
    }
    expect(codes).toEqual(["ok", "ok", "ok", "too-many-requests"]);
    for (let i = 0; i < 6; i += 1) await limited.http.get("/v1/provider");
    const refused = await limited.http.get("/v1/provider");
    expect(refused.code()).toBe("too-many-requests");
    expect((await limited.http.get("/healthz")).status).toBe(200);
  });

  test("finishes what is under way when it is closed, over a real socket", async () => {
    const own = await makeWorld(database());
    const http = overSocket(await own.app.listen({ host: "127.0.0.1", port: 0 }));
    const [, ta] = await own.walletWithTa(1000n, 1000n);
    const merchant = await own.wallet();
    const payments = Array.from({ length: 50 }, () => ta.pay(merchant.payee, 2n));
    const url = `/v1/clients/${merchant.id}/claims`;
    const replies = payments.map((one) => http.cose(url, one).catch(() => undefined));
    // One answer is there, so the server is in the middle of the others.
    await Promise.any(replies);
    await own.app.close();
    const answered = (await Promise.all(replies)).filter((reply) => reply?.status === 200);
    expect(answered.length).toBeGreaterThan(0);
    const supply = await own.provider.balance(merchant.id);
    expect(supply).toMatchObject({ ok: true });
    const online = supply.ok ? supply.value.online : 0n;
    expect(online).toBeGreaterThanOrEqual(2n * BigInt(answered.length));
  });
});
