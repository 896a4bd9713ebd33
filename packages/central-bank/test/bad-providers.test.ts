import { randomBytes } from "node:crypto";
import { institutionClient, type TlsSettings } from "@bezant/pki/tls";
import {
  amount,
  concatBytes,
  counter,
  decodeSequence,
  institutionId,
  isRefusalCode,
  keyIdOf,
  MAX_MESSAGE,
  seconds,
  unwrap,
} from "@bezant/protocol";
import { DEFAULT_HTTP, type App } from "@bezant/service/http";
import type { OpenDatabase } from "@bezant/service/db";
import { foundTls, injected, overSocket, type Http } from "@bezant/service/testing";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createApp } from "../src/http/app.ts";
import { createCentralBank } from "../src/index.ts";
import { useDatabases } from "./support/database.ts";
import { CB, EUR, foundInstitutions, TestProvider, World } from "./support/world.ts";

const options = { ...DEFAULT_HTTP, requestsPerMinute: 1e6 };
const newDatabase = useDatabases();
let db: OpenDatabase;
let world: World;
let app: App;
let http: Http;
beforeAll(async () => {
  db = await newDatabase();
  world = await (await World.on(db)).open(100_000n, 50_000n);
  // So that bank A has something to give back.
  unwrap(await world.bank.pay(world.b.payment(world.a, 77n, { instruction })));
  app = await createApp(world.bank, db, options);
  http = injected(() => app);
});
afterAll(() => app.close());

const instruction = randomBytes(16);
const COSE = "application/cose";
const SEQUENCE = "application/cbor-seq";

/** Everything that a provider can say. Each would move money, or show it, if it were believed. */
const ROUTES: Readonly<Record<string, readonly [media: string, (by: TestProvider) => Uint8Array]>> =
  {
    "/v1/reports": [SEQUENCE, (by) => by.report({ deposits: 1n }, [randomBytes(32)])],
    "/v1/allowances": [COSE, (by) => by.wants(60_000n)],
    "/v1/payments": [COSE, (by) => by.payment(world.b, 5n)],
    "/v1/returns": [COSE, (by) => by.giveBack(aReturn())],
    "/v1/queries": [COSE, (by) => by.asks({ kind: "status" })],
    "/v1/directory": [COSE, (by) => by.enters()],
  };

function aReturn() {
  const reason = "unknown-client" as const;
  return { n: counter(1), payerProvider: world.b.id, instruction, amount: amount(77n), reason };
}

/** Somebody who says to be bank A, which has an open account. */
function bankA(
  changes: ConstructorParameters<typeof TestProvider>[3],
  institutions = world.institutions,
) {
  return new TestProvider("bank-a", institutions, world.clock, changes);
}

function keyOf({ key }: TestProvider) {
  return keyIdOf(key.publicKey);
}

function post(path: string, by: TestProvider) {
  const [media, body] = ROUTES[path]!;
  return http.post(path, body(by), media);
}

let sequence = 0;
/** Its issuer takes this key back, for what it signed after a time. */
function takeBack(provider: TestProvider, issuer: "root" | "intermediary", since = 0): Uint8Array {
  sequence += 1;
  const issuedAt = world.clock.now();
  return world.institutions.list(issuer, {
    sequence,
    issuedAt,
    revoked: [[keyOf(provider), seconds(since)]],
  });
}

const bad: readonly (readonly [string, string, () => TestProvider | Promise<TestProvider>])[] = [
  [
    "whose certificate has expired",
    "expired",
    () => bankA({ exp: seconds(world.clock.now() - 1) }),
  ],
  [
    "whose certificate is not valid yet",
    "not-yet-valid",
    () => bankA({ nbf: seconds(world.clock.now() + 301) }),
  ],
  ["out of role", "wrong-role", () => bankA({ role: "intermediary" })],
  ["under another root", "unknown-issuer", () => bankA({}, foundInstitutions())],
  [
    "whose key its intermediary has taken back",
    "issuer-revoked",
    async () => {
      const provider = bankA({});
      const list = takeBack(provider, "intermediary");
      expect((await http.sequence("/v1/institutions", list)).code()).toBe("ok");
      return provider;
    },
  ],
  [
    "whose key the root has taken back, for what it signs from now on",
    "issuer-revoked",
    async () => {
      const provider = bankA({});
      const list = takeBack(provider, "root", world.clock.now());
      expect((await http.sequence("/v1/institutions", list)).code()).toBe("ok");
      return provider;
    },
  ],
];

describe.each(bad)("a provider %s", (_, code, make) => {
  let provider: TestProvider;
  beforeAll(async () => {
    provider = await make();
  });

  test.each(Object.keys(ROUTES))("is refused at %s, and nothing moves", async (path) => {
    const before = unwrap(await world.bank.audit());
    const answer = await post(path, provider);
    expect(answer.status).toBe(422);
    expect(answer.json()).toMatchObject({ code, state: "nothing-moved" });
    expect(unwrap(await world.bank.audit())).toEqual(before);
  });
});

test("with nothing wrong, each of these messages is believed", async () => {
  const before = unwrap(await world.bank.audit());
  for (const path of Object.keys(ROUTES)) {
    expect([path, (await post(path, world.a)).code()]).toEqual([path, "ok"]);
  }
  expect(unwrap(await world.bank.audit())).not.toEqual(before);
});

describe("status lists of institutions", () => {
  const exchange = (...lists: Uint8Array[]) =>
    http.sequence("/v1/institutions", concatBytes(...lists));

  test("are given out, the newest of each issuer, to whoever asks", async () => {
    const provider = bankA({});
    const list = takeBack(provider, "intermediary");
    expect((await exchange(list)).code()).toBe("ok");
    const known = (await exchange()).bytes();
    const items = unwrap(decodeSequence(known, { maxItems: 8, maxItemSize: MAX_MESSAGE }));
    expect(items.map((item) => Buffer.from(item).equals(list))).toContain(true);
  });

  test("change nothing where they are older, and count for their own issuer's keys alone", async () => {
    const [one, other] = [bankA({}), bankA({})];
    const [older, newer] = [takeBack(one, "intermediary"), takeBack(other, "intermediary")];
    expect((await exchange(newer, older)).code()).toBe("ok");
    expect((await post("/v1/queries", other)).code()).toBe("issuer-revoked");
    expect((await post("/v1/queries", one)).code()).toBe("ok");
  });

  test("are refused where nobody can have signed them", async () => {
    const provider = bankA({});
    const list = takeBack(provider, "root");
    const forged = foundInstitutions().list("root", {
      sequence: 1000,
      issuedAt: world.clock.now(),
      revoked: [[keyOf(provider), seconds(0)]],
    });
    expect((await exchange(list.with(-1, list.at(-1)! ^ 1))).code()).toBe("bad-signature");
    expect((await exchange(forged)).code()).toBe("missing-certificate");
    expect((await exchange(Uint8Array.of(1, 2, 3))).code()).toBe("malformed");
    expect((await post("/v1/queries", provider)).code()).toBe("ok");
  });

  test("are refused with any one bit flipped", async () => {
    const provider = bankA({});
    const list = takeBack(provider, "intermediary");
    await fc.assert(
      fc.asyncProperty(fc.nat(list.length * 8 - 1), async (bit) => {
        const changed = list.with(bit >> 3, list[bit >> 3]! ^ (1 << (bit & 7)));
        const answer = await exchange(changed);
        expect(isRefusalCode(answer.code())).toBe(true);
        expect(answer.status).toBeLessThan(500);
      }),
      { numRuns: 40 },
    );
    expect((await post("/v1/queries", provider)).code()).toBe("ok");
  });

  test("are remembered over a restart, and learnt by other servers of the same bank", async () => {
    const other = unwrap(await createCentralBank(world.parts(db)));
    const provider = bankA({});
    const asked = () => provider.asks({ kind: "status" });
    expect((await other.query(asked())).ok).toBe(true);
    expect((await exchange(takeBack(provider, "intermediary"))).code()).toBe("ok");
    unwrap(await other.loadLists());
    expect(await other.query(asked())).toMatchObject({ error: { code: "issuer-revoked" } });
    const restarted = unwrap(await createCentralBank(world.parts(db)));
    expect(await restarted.query(asked())).toMatchObject({ error: { code: "issuer-revoked" } });
  });
});

describe("over mutual TLS", () => {
  const closing: (() => Promise<unknown>)[] = [];
  let url: string;
  let tls: Awaited<ReturnType<typeof foundTls>>;
  beforeAll(async () => {
    tls = await foundTls();
    const admits = ["provider", "central-bank"] as const;
    const secure = await createApp(world.bank, db, {
      ...options,
      tls: { ...tls.centralBank, admits },
    });
    url = await secure.listen({ host: "127.0.0.1", port: 0 });
    closing.push(() => secure.close());
  });
  afterAll(async () => {
    for (const close of closing.toReversed()) await close();
  });

  function as(settings: TlsSettings): Http {
    const name = { id: CB, role: "central-bank", currency: EUR } as const;
    const client = institutionClient(name, () => settings);
    closing.push(client.close);
    return overSocket(url, client.fetch);
  }

  test("a provider brings its own messages, and nobody else's", async () => {
    const [a, b] = [as(await tls.provider("bank-a")), as(await tls.provider("bank-b"))];
    const before = unwrap(await world.bank.audit());
    for (const [path, [media, body]] of Object.entries(ROUTES)) {
      const answer = await b.post(path, body(world.a), media);
      expect([path, answer.status, answer.code()]).toEqual([path, 403, "wrong-peer"]);
      expect(answer.json()).toMatchObject({ state: "nothing-moved" });
    }
    expect(unwrap(await world.bank.audit())).toEqual(before);
    expect((await a.cose("/v1/queries", world.a.asks({ kind: "status" }))).code()).toBe("ok");
  });

  test("what its operator has signed, the central bank brings itself", async () => {
    const signed = (): Uint8Array =>
      world.signOrder({
        kind: "issue",
        orderId: randomBytes(16),
        provider: institutionId("bank-a"),
        amount: amount(1n),
      });
    const provider = as(await tls.provider("bank-c"));
    expect((await provider.cose("/operator/v1/orders", signed())).code()).toBe("wrong-peer");
    const own = as(tls.centralBank);
    expect((await own.cose("/operator/v1/orders", signed())).code()).toBe("ok");
    expect((await own.cose("/v1/queries", world.a.asks({ kind: "status" }))).code()).toBe(
      "wrong-peer",
    );
  });
});
