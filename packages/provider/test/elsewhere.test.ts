import {
  certifyProvider,
  EUR,
  makeWorld,
  newKey,
  type TestTa,
  type TestWallet,
  type World,
} from "./support/world/index.ts";
import {
  amount,
  counter,
  err,
  institutionId,
  ok,
  outcome,
  outcomeQuery,
  providerToAnybody,
  betweenInstitutions,
  refusal,
  seconds,
  unwrap,
  walletIdOf,
  type OutcomeQuery,
  type Refusal,
  type Result,
} from "@bezant/protocol";
import { DEFAULT_HTTP, type App } from "@bezant/service/http";
import { injected, type Http } from "@bezant/service/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createInstitutionsApp } from "../src/http/institutions.ts";
import { httpProvider } from "../src/index.ts";
import { useDatabase } from "./support/database.ts";

const database = useDatabase();
const other = institutionId("other");
let answer: Result<Uint8Array, Refusal> = err(refusal("unknown-outcome"));
let world: World;
let app: App;
let institutions: Http;
let shop: TestWallet;
let payer: TestWallet;
let ta: TestTa;
beforeAll(async () => {
  const otherProviders = [{ id: other, askOutcome: () => Promise.resolve(answer) }];
  world = await makeWorld(database(), { otherProviders });
  app = await createInstitutionsApp(world.provider, world.db, DEFAULT_HTTP);
  institutions = injected(() => app);
  shop = await world.wallet();
  [payer, ta] = await world.walletWithTa(1000n, 1000n);
});
afterAll(() => app.close());

describe("a provider that is asked by another how a payment ended", () => {
  const key = newKey();
  const ask = async (
    changes: Partial<OutcomeQuery> = {},
    { by = world.id, signer = world.key, to = world.id, chain = world.chain } = {},
  ) => {
    const content = {
      at: world.clock.now(),
      sender: ta.id,
      j: counter(1),
      receiver: shop.id,
      ...changes,
    };
    const context = betweenInstitutions({ currency: EUR, signer: by, audience: to });
    return institutions.cose(
      "/v1/outcomes",
      outcomeQuery.sign(content, context, signer, { chain }),
    );
  };

  test("answers the provider of the payer, once there is an outcome", async () => {
    expect((await ask()).code()).toBe("unknown-outcome");
    (await shop.post("claims", ta.pay(shop.payee, 10n))).bytes();
    const { payload } = unwrap(outcome.parse((await ask()).bytes()));
    expect(payload).toMatchObject({ kind: "claimed", sender: ta.id, j: 1, receiver: shop.id });
    // Another number, another receiver, another payer's provider.
    expect((await ask({ j: counter(2) })).code()).toBe("unknown-outcome");
    expect((await ask({ receiver: payer.id })).code()).toBe("unknown-outcome");
    const chain = certifyProvider(world.institutions, other, key);
    expect((await ask({}, { by: other, signer: key, chain })).code()).toBe("unknown-outcome");
  });

  test("answers nobody else", async () => {
    expect((await ask({}, { to: other })).code()).toBe("bad-signature");
    expect((await ask({}, { signer: key })).code()).toBe("unknown-issuer");
    const chain = certifyProvider(world.institutions, "x", key, { role: "intermediary" });
    expect((await ask({}, { signer: key, chain })).code()).toBe("wrong-role");
    const old = seconds(world.clock.now() - 301);
    expect((await ask({ at: old })).code()).toBe("unauthorised");
    const bare = await institutions.cose("/v1/outcomes", Uint8Array.of(1, 2, 3));
    expect(bare.code()).toBe("malformed");
    // The listener for wallets has nothing of it.
    expect((await world.http.cose("/v1/outcomes", Uint8Array.of(1))).status).toBe(404);
    const from = { id: other, role: "provider", currency: EUR } as const;
    const context = betweenInstitutions({ currency: EUR, signer: world.id, audience: world.id });
    const query = outcomeQuery.sign(
      { at: world.clock.now(), sender: ta.id, j: counter(1), receiver: shop.id },
      context,
      world.key,
      { chain: world.chain },
    );
    expect(await world.provider.answerOutcome(query, from)).toMatchObject({
      error: { code: "wrong-peer" },
    });
  });
});

describe("a payer whose payee is a client of another provider", () => {
  test("gets what that one says, as it is, or hears that it cannot be asked", async () => {
    const receiver = walletIdOf(other, newKey().publicKey);
    const paid = ta.pay({ receiver, receiverClass: "wallet" }, 1n);
    const request = ta.syncRequest(new Uint8Array(16).fill(1));
    (await payer.post("syncs", Buffer.concat([request, paid]))).bytes();
    const get = async (query: string, j = ta.j) =>
      payer.get(`outcomes/${ta.id}/${j}${query}`, await payer.token());
    expect((await get("")).code()).toBe("unknown-outcome");
    expect((await get("?provider=other")).code()).toBe("unknown-outcome");
    expect((await get("?provider=nobody")).code()).toBe("outcome-unreachable");
    expect((await get(`?provider=${world.id}`)).code()).toBe("unknown-outcome");
    expect((await get("?provider=Other!")).status).toBe(400);
    answer = ok(Uint8Array.of(1, 2, 3));
    expect((await get("?provider=other")).code()).toBe("outcome-unreachable");
    const payload = {
      kind: "claimed",
      sender: ta.id,
      j: counter(ta.j),
      amount: amount(1n),
      receiver,
    } as const;
    const context = providerToAnybody({ currency: EUR, provider: other });
    const said = outcome.sign(payload, context, newKey());
    answer = ok(said);
    expect(Buffer.from((await get("?provider=other")).bytes()).equals(said)).toBe(true);
    expect((await get("?provider=other", 99)).code()).toBe("unknown-outcome");
  });

  test("is not told more than that where the other one refuses, or nobody answers", async () => {
    const replies = [
      () => Promise.reject(new Error("no route")),
      () => Promise.resolve(new Response("<html>", { status: 502 })),
      () => Promise.resolve(Response.json({ code: "wrong-peer" }, { status: 403 })),
      () => Promise.resolve(Response.json({ code: "unknown-outcome" }, { status: 404 })),
    ];
    const codes: unknown[] = [];
    for (const reply of replies) {
      const asked = await httpProvider(other, "https://other", reply).askOutcome(new Uint8Array());
      codes.push(!asked.ok && [asked.error.code, asked.error.detail?.replace("Error: ", "")]);
    }
    expect(codes).toEqual([
      ["outcome-unreachable", "no route"],
      ["outcome-unreachable", "status 502"],
      ["outcome-unreachable", "wrong-peer"],
      ["unknown-outcome", undefined],
    ]);
  });
});
