import { randomBytes } from "node:crypto";
import { amount, isRefusalCode, unwrap, type ReserveOrder } from "@bezant/protocol";
import type { App } from "@bezant/service/http";
import { injected, type Http } from "@bezant/service/testing";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createApp } from "../src/http/app.ts";
import { supplyQuery } from "../src/index.ts";
import { useDatabases } from "./support/database.ts";
import { CB, EUR, World } from "./support/world.ts";

const newDatabase = useDatabases();
let world: World;
let app: App;
let http: Http;
beforeAll(async () => {
  const db = await newDatabase();
  world = await (await World.on(db)).open(100_000n, 50_000n);
  app = await createApp(world.bank, db, {
    requestsPerMinute: 1e6,
    trustProxy: false,
    log: undefined,
  });
  http = injected(() => app);
});
afterAll(() => app.close());

const COSE = "application/cose";
const SEQUENCE = "application/cbor-seq";
const good: Readonly<Record<string, readonly [media: string, body: () => Uint8Array]>> = {
  "/v1/reports": [SEQUENCE, () => world.a.report({ deposits: 1n }, [randomBytes(32)])],
  "/v1/allowances": [COSE, () => world.a.wants(60_000n)],
  "/v1/payments": [COSE, () => world.a.payment(world.b, 5n)],
  "/v1/queries": [COSE, () => world.a.asks({ kind: "status" })],
  "/v1/directory": [COSE, () => world.a.enters()],
  "/operator/v1/orders": [
    COSE,
    () =>
      world.signOrder({
        kind: "issue",
        orderId: randomBytes(16),
        provider: world.a.id,
        amount: amount(1n),
      } satisfies ReserveOrder),
  ],
  "/operator/v1/supply": [COSE, query],
};

function query(): Uint8Array {
  const context = { currency: EUR, home: "", signer: CB, audience: CB } as const;
  return supplyQuery.sign({ at: world.clock.now() }, context, world.operator);
}

test("says who it is, and describes every route", async () => {
  const info = (await http.get("/v1/central-bank")).json();
  expect(info).toMatchObject({ centralBank: "cb", currency: "EUR" });
  const described = (await http.get("/openapi.json")).json() as { paths: object };
  for (const path of [...Object.keys(good), "/v1/returns", "/v1/institutions"]) {
    expect(described.paths).toHaveProperty([path, "post"]);
  }
  expect((await http.get("/readyz")).status).toBe(200);
  expect((await http.get("/metrics")).text()).toContain("bezant_http_request_seconds");
});

describe.each(Object.entries(good))("POST %s", (path, [media, body]) => {
  test("does what it is for", async () => {
    expect((await http.post(path, body(), media)).code()).toBe("ok");
  });

  test("refuses what is not a message, in words", async () => {
    const junk = [new Uint8Array(), randomBytes(50), Uint8Array.of(0x84, 0x40, 0xa0, 0x40, 0x40)];
    for (const bytes of [...junk, body().slice(0, -1), Uint8Array.of(...body(), 0)]) {
      const answer = await http.post(path, bytes, media);
      expect(answer.status).toBeGreaterThanOrEqual(400);
      expect(isRefusalCode(answer.code())).toBe(true);
      expect(answer.text()).toContain('"money":');
    }
    expect((await http.post(path, body(), "application/json")).code()).toBe(
      "unsupported-media-type",
    );
    expect((await http.post(path, new Uint8Array(5_000_000), media)).code()).toBe("too-large");
  });

  test("refuses a message with any one bit flipped, and nothing moves", async () => {
    const bytes = body();
    const before = unwrap(await world.bank.audit());
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length * 8 - 1), async (bit) => {
        const changed = bytes.with(bit >> 3, bytes[bit >> 3]! ^ (1 << (bit & 7)));
        const answer = await http.post(path, changed, media);
        expect(isRefusalCode(answer.code())).toBe(true);
        expect(answer.status).toBeLessThan(500);
      }),
      { numRuns: 40 },
    );
    expect(unwrap(await world.bank.audit())).toEqual(before);
  });
});

test("says conflicts and unknown things with their HTTP status", async () => {
  const unknown = world.b.giveBack({
    n: 9 as never,
    payerProvider: world.a.id,
    instruction: randomBytes(16),
    amount: amount(1n),
    reason: "unknown-client",
  });
  const answer = await http.post("/v1/returns", unknown, COSE);
  expect([answer.status, answer.code()]).toEqual([404, "unknown-advice"]);
  world.b.report({});
  const gap = await http.post("/v1/reports", world.b.report({}), SEQUENCE);
  expect([gap.status, gap.code()]).toEqual([409, "report-gap"]);
});

test("the supply over HTTP is the audit's, in decimal strings", async () => {
  const supply = (await http.post("/operator/v1/supply", query(), COSE)).json();
  expect(supply).toMatchObject({ currency: "EUR", balanced: true, loss: "0" });
  const { providers } = supply as { providers: Readonly<Record<string, string>>[] };
  expect(providers.map(({ provider }) => provider)).toEqual(["bank-a", "bank-b"]);
});
