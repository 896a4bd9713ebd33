import { randomBytes } from "node:crypto";
import { amount, isRefusalCode, settledPayment, unwrap, type ReserveOrder } from "@bezant/protocol";
import type { App } from "@bezant/service/http";
import { injected, type Http } from "@bezant/service/testing";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createApp } from "../src/http/app.ts";
import { supplyQuery } from "../src/index.ts";
import { useDatabases } from "./support/database.ts";
import { CB, EUR, wallet, World, type TestProvider } from "./support/world.ts";

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

test("tells a provider that has lost them which payments of its clients were carried out, and nobody else's", async () => {
  const pay = async (provider: TestProvider, to: TestProvider, x: bigint) => {
    const instruction = randomBytes(16);
    const payment = provider.payment(to, x, { instruction });
    expect((await http.post("/v1/payments", payment, COSE)).code()).toBe("ok");
    return { instruction: new Uint8Array(instruction), amount: x };
  };
  const after = async (instruction: Uint8Array) => {
    const body = world.a.asks({ kind: "payments", after: instruction });
    const told = (await http.post("/v1/queries", body, COSE)).bytes();
    return world.a.hearsAll(settledPayment, told);
  };
  const known = await after(new Uint8Array(16));
  const { b } = world;
  const sent = [await pay(world.a, b, 11n), await pay(world.a, b, 12n), await pay(world.a, b, 13n)];
  await pay(b, world.a, 14n);
  const advised = (await world.advices(b)).find((advice) => advice.amount === 12n);
  if (advised === undefined) throw new Error("nothing was advised");
  const { n, payerProvider, instruction, amount: x } = advised;
  const back = b.giveBack({ n, payerProvider, instruction, amount: x, reason: "unknown-client" });
  expect((await http.post("/v1/returns", back, COSE)).code()).toBe("ok");
  const expected = [...known, ...sent.filter((one) => one.amount !== 12n)].toSorted((one, other) =>
    Buffer.compare(one.instruction, other.instruction),
  );
  const all = await after(new Uint8Array(16));
  expect(all).toMatchObject(expected);
  expect(all).toHaveLength(expected.length);
  const [first] = all;
  if (first === undefined) throw new Error("nothing was told");
  expect(first).toMatchObject({ payer: wallet(1), payeeProvider: b.id, payee: wallet(2) });
  expect(await after(first.instruction)).toEqual(all.slice(1));
});

test("the supply over HTTP is the audit's, in decimal strings", async () => {
  const supply = (await http.post("/operator/v1/supply", query(), COSE)).json();
  expect(supply).toMatchObject({ currency: "EUR", balanced: true, loss: "0" });
  const { providers } = supply as { providers: Readonly<Record<string, string>>[] };
  expect(providers.map(({ provider }) => provider)).toEqual(["bank-a", "bank-b"]);
});
