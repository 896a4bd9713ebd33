import { randomBytes } from "node:crypto";
import {
  amount,
  attach,
  concatBytes,
  counter,
  currency,
  declineOrder,
  depositRequest,
  depositReservation,
  holderToHome,
  institutionId,
  keyIdOf,
  onlinePaymentOrder,
  providerToAnybody,
  REFUSALS,
  registration,
  retirement,
  revocationOrder,
  statusChunk,
  syncRequest,
  taRegistration,
  tokenRequest,
  unwrap,
  withdrawal,
  type Context,
  type Message,
  type RefusalCode,
  type SyncSigner,
  institutionStatus,
  institutionToAnybody,
} from "@bezant/protocol";
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import {
  operatorContext,
  settleOrder,
  restoredOrder,
  statusOrder,
  supplyQuery,
  writeOffOrder,
} from "../src/index.ts";
import { MESSAGE_ROUTES } from "../src/http/message-routes.ts";
import { useDatabase } from "./support/database.ts";
import {
  certifyProvider,
  EUR,
  makeWorld,
  newKey,
  START,
  type Reply,
  type TestTa,
  type TestWallet,
  type World,
} from "./support/world/index.ts";
import { expectSupplyIdentity } from "./support/world/supply.ts";

const database = useDatabase();
let world: World;
let wallet: TestWallet;
let ta: TestTa;
let samples: Record<string, Sample>;

/** A good request for a route, and how to sign the same for somebody else or by somebody else. */
interface Sample {
  readonly body: Uint8Array;
  /** Bytes at its beginning that all matter; the whole body unless said. */
  readonly signed?: number;
  /** Where the message is a holder's to its provider. */
  readonly resign?: (context: Partial<Context>, key?: SyncSigner) => Uint8Array;
}

function signed<P>(message: Message<P>, payload: P, by: TestWallet | TestTa): Sample {
  const own = holderToHome({ currency: EUR, home: world.id, signer: by.id });
  const resign: Sample["resign"] = (context, key = by.key) =>
    message.sign(payload, { ...own, ...context }, key);
  return { body: resign({}), resign };
}

beforeAll(async () => {
  world = await makeWorld(database());
  [wallet, ta] = await world.walletWithTa(1000n, 500n);
  const merchant = await world.wallet();
  const [, payee] = await world.walletWithTa();
  const reservation = ta.say(depositReservation, { amount: amount(1n), d: counter(2) });
  const evidence = ta.attest(await wallet.challenge("attest"));
  const nonce = await wallet.challenge("token");
  const paid = ta.signPayment({ ...wallet.payee, amount: amount(1n), j: counter(1) });
  const toPayee = { receiver: payee.id, receiverClass: "ta" } as const;
  const failed = unwrap(
    attach(ta.signPayment({ ...toPayee, amount: amount(1n), j: counter(2) }), {}),
  );
  const outcome = payee.signOutcome({ kind: "void", r: counter(1), amount: amount(1n) });
  const order = { receiver: merchant.id, amount: amount(1n), orderId: randomBytes(16) };
  const numbers = { d: counter(1), w: counter(0), j: counter(2) };
  const declined = { sender: ta.id, j: counter(3), amount: amount(1n) };
  const funding = { kind: "fund", client: wallet.id, amount: amount(1n) } as const;
  samples = {
    "/v1/clients": signed(registration, { key: wallet.key.publicKey.compressed }, wallet),
    "/v1/clients/:client/tas": signed(taRegistration, { evidence }, wallet),
    "/v1/clients/:client/deposits": signed(depositRequest, { reservation }, wallet),
    "/v1/clients/:client/withdrawals": signed(
      withdrawal,
      { amount: amount(1n), w: counter(1) },
      ta,
    ),
    // Whose certificate comes with an outcome is no matter, only its key: the rest may change.
    "/v1/clients/:client/refunds": { body: concatBytes(failed, outcome), signed: failed.length },
    "/v1/clients/:client/claims": { body: paid },
    "/v1/clients/:client/declines": signed(declineOrder, declined, wallet),
    "/v1/claims": { body: concatBytes(paid, paid) },
    "/v1/clients/:client/payments": signed(onlinePaymentOrder, order, wallet),
    "/v1/clients/:client/syncs": signed(syncRequest, syncContent(), ta),
    "/v1/clients/:client/retirements": signed(
      retirement,
      { ...numbers, head: new Uint8Array(32) },
      ta,
    ),
    "/v1/clients/:client/tokens": signed(tokenRequest, { nonce }, wallet),
    "/v1/clients/:client/revocations": signed(revocationOrder, { ta: ta.id }, wallet),
    "/v1/status": { body: chunkOfAnother() },
    "/v1/institutions": { body: listOfTheRoot() },
    "/operator/v1/status": { body: keyOrder() },
    "/operator/v1/orders": { body: world.order({ ...funding, orderId: randomBytes(16) }) },
    "/operator/v1/settlements": {
      body: settleOrder.sign({ at: START }, operatorContext(world.parts.identity), world.operator),
    },
    "/operator/v1/restores": {
      body: restoredOrder.sign(
        { at: START, revocations: "unknown" },
        operatorContext(world.parts.identity),
        world.operator,
      ),
    },
    "/operator/v1/write-offs": {
      body: writeOffOrder.sign(
        { orderId: nonce, amount: amount(1n) },
        operatorContext(world.parts.identity),
        world.operator,
      ),
    },
    "/operator/v1/supply": {
      body: supplyQuery.sign({ at: START }, operatorContext(world.parts.identity), world.operator),
    },
  };
});
expectSupplyIdentity(() => world);

function chunkOfAnother(): Uint8Array {
  const key = newKey();
  const issuer = institutionId("another");
  const chain = certifyProvider(world.institutions, issuer, key);
  const list = { epoch: 1, issuedAt: START, first: 0, last: 9, revoked: [3] };
  const context = providerToAnybody({ currency: EUR, provider: issuer });
  return statusChunk.sign(list, context, key, { chain });
}

function listOfTheRoot(): Uint8Array {
  const { root, rootKey } = world.institutions;
  const context = institutionToAnybody({
    currency: EUR,
    institution: root.id ?? institutionId("cb"),
  });
  const revoked = [[keyIdOf(newKey().publicKey), START] as const];
  return institutionStatus.sign({ sequence: 1, issuedAt: START, revoked }, context, rootKey);
}

function keyOrder(): Uint8Array {
  const content = { kind: "revoke-key", kid: keyIdOf(newKey().publicKey), since: START } as const;
  return statusOrder.sign(content, operatorContext(world.parts.identity), world.operator);
}

function syncContent() {
  return unwrap(syncRequest.parse(ta.syncRequest(randomBytes(16)))).payload;
}

/** Routes for messages that are not a holder's to its provider; their tests are with the operations. */
const BY_ITSELF = [
  "/v1/clients/:client/refunds",
  "/v1/clients/:client/claims",
  "/v1/claims",
  "/v1/status",
  "/v1/institutions",
  "/operator/v1/status",
  "/operator/v1/orders",
  "/operator/v1/restores",
  "/operator/v1/settlements",
  "/operator/v1/write-offs",
  "/operator/v1/supply",
];

/** Everything in the database that a request could change. */
async function everything(): Promise<string> {
  const { rows } = unwrap(
    await world.db.query<{ all: string }>(`/* all clients */
      SELECT concat_ws(' ', (SELECT sum(sequence) FROM accounts), (SELECT sum(online) FROM accounts),
        (SELECT count(*) FROM clients), (SELECT sum(serial + d + w + stored) FROM tas),
        (SELECT count(*) FROM certificates), (SELECT count(*) FROM used_nonces),
        (SELECT count(*) FROM deposits), (SELECT count(*) FROM withdrawals),
        (SELECT count(*) FROM claims), (SELECT count(*) FROM orders),
        (SELECT count(*) FROM synced_payments), (SELECT count(*) FROM outcomes),
        (SELECT count(*) FROM syncs), (SELECT count(*) FROM evidence),
        (SELECT count(*) FROM revocations), (SELECT count(*) FROM revoked_keys),
        (SELECT count(*) FROM institution_lists),
        (SELECT count(*) FROM status_chunks), (SELECT sum(version) FROM status_lists)) AS all`),
  );
  return rows[0]!.all;
}

function urlOf(path: string, client: string = wallet.id): string {
  return path.replace(":client", client);
}

/** A refusal that says what became of the money: nothing. */
function expectRefusal(reply: Reply, ...codes: readonly string[]): void {
  expect(reply.media).toContain("application/problem+json");
  const problem = reply.json() as { code: RefusalCode; status: number };
  expect(codes).toContain(problem.code);
  const { title, state, money, next } = REFUSALS[problem.code];
  expect(problem).toMatchObject({ title, state, money, next, status: reply.status });
  expect(problem).toMatchObject({ type: `urn:bezant:refusal:${problem.code}` });
  expect(state).toBe("nothing-moved");
}

describe.each(MESSAGE_ROUTES)("$path", ({ path, accepts, limit }) => {
  const isBatch = path === "/v1/claims";
  const post = (body: Uint8Array, client?: string): Promise<Reply> =>
    world.http.post(urlOf(path, client), body, accepts);
  const sample = (): Sample => samples[path]!;

  /** Posts what must be refused, and shows that nothing at all has changed. */
  async function expectRefused(body: Uint8Array, ...codes: readonly string[]): Promise<void> {
    const before = await everything();
    expectRefusal(await post(body), ...codes);
    expect(await everything()).toBe(before);
  }

  test("has a sample that is good", () => {
    expect(sample().body.length).toBeGreaterThan(0);
    expect(sample().body.length).toBeLessThanOrEqual(limit);
  });

  test("malformed input", async () => {
    const { body } = sample();
    // Whoever has no list to bring asks with nothing.
    const mayBeEmpty = isBatch || path === "/v1/institutions";
    if (!mayBeEmpty) await expectRefused(new Uint8Array(), "malformed");
    await expectRefused(body.slice(0, -1), "malformed");
    await expectRefused(concatBytes(Uint8Array.of(0xff), body), "malformed");
    await expectRefused(concatBytes(body, Uint8Array.of(0x18, 0x01)), "malformed", "too-large");
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 200 }), async (junk) => {
        const reply = await post(junk);
        // A batch of well-formed junk gets one refusal for each item.
        if (!isBatch || reply.status !== 200) expectRefusal(reply, "malformed");
      }),
      { numRuns: 20 },
    );
  });

  test("oversized input", async () => {
    await expectRefused(randomBytes(limit + 1), "too-large");
  });

  test.skipIf(isBatch)("another kind of message", async () => {
    const isRegistration = path === "/v1/clients";
    const other = samples[isRegistration ? "/v1/clients/:client/tokens" : "/v1/clients"]!.body;
    const body = path.endsWith("refunds") ? concatBytes(other, other) : other;
    await expectRefused(body, "wrong-type");
  });

  test("another media type, or none", async () => {
    const { body } = sample();
    for (const media of ["application/json", "text/plain", "application/octet-stream"]) {
      expectRefusal(await world.http.post(urlOf(path), body, media), "unsupported-media-type");
    }
    const bare = await world.http.send({ method: "POST", url: urlOf(path), headers: {}, body });
    expectRefusal(bare, "unsupported-media-type");
  });

  // The list is read at the address where others' lists are brought.
  test.skipIf(path === "/v1/status")("another method", async () => {
    expectRefusal(await world.http.get(urlOf(path)), "not-found");
  });

  test("any one bit flipped", async () => {
    const { body, signed: bytes = body.length } = sample();
    const before = await everything();
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: bytes * 8 - 1 }), async (bit) => {
        const flipped = Uint8Array.from(body);
        flipped[bit >> 3]! ^= 1 << (bit & 7);
        const reply = await post(flipped);
        if (isBatch) return;
        const { state } = reply.json() as { state: string };
        expect([reply.status === 200, state]).toEqual([false, "nothing-moved"]);
      }),
      { numRuns: 25 },
    );
    if (!isBatch) expect(await everything()).toBe(before);
  });

  if (path.includes(":client")) {
    test("another client, an unknown one, and none", async () => {
      const { body } = sample();
      const [stranger] = await world.walletWithTa();
      const before = await everything();
      expectRefusal(await post(body, stranger.id), "bad-signature", "wrong-audience");
      const unknown = "ab".repeat(32);
      const codes = ["unknown-client", "unknown-trusted-app", "wrong-audience"];
      expectRefusal(await post(body, unknown), ...codes);
      expectRefusal(await post(body, "ab"), "malformed");
      expectRefusal(await post(body, unknown.toUpperCase()), "malformed");
      expect(await everything()).toBe(before);
    });
  }

  if (!BY_ITSELF.includes(path)) {
    test("wrong audience, home, currency, signer or key", async () => {
      const resign = sample().resign!;
      const rogue = institutionId("rogue");
      await expectRefused(resign({ audience: rogue }), "bad-signature");
      await expectRefused(resign({ home: rogue }), "bad-signature");
      await expectRefused(resign({ currency: currency("USD") }), "bad-signature");
      await expectRefused(resign({ signer: world.id }), "bad-signature");
      await expectRefused(resign({}, newKey()), "bad-signature");
    });
  }
});

describe("challenges", () => {
  test.each([
    ["no JSON", "{", "malformed"],
    ["nothing", "", "malformed"],
    ["another purpose", '{"purpose":"all"}', "malformed"],
    ["more than the purpose", '{"purpose":"attest","more":1}', "malformed"],
    ["too much", `{"purpose":"attest","more":"${"x".repeat(2000)}"}`, "too-large"],
    ["a poisoned prototype", '{"purpose":"attest","__proto__":{"x":1}}', "malformed"],
  ])("with %s", async (_, body, code) => {
    const url = `/v1/clients/${wallet.id}/challenges`;
    expectRefusal(await world.http.post(url, Buffer.from(body), "application/json"), code);
  });

  test("for nobody", async () => {
    const url = `/v1/clients/${"ab".repeat(32)}/challenges`;
    expectRefusal(await world.http.json(url, { purpose: "attest" }), "unknown-client");
  });
});

describe("reads", () => {
  const paths = ["balance", "history", `outcomes/${"ab".repeat(32)}/1`];

  test.each(paths)(
    "%s needs a token of this client, made by this provider, not expired",
    async (path) => {
      const other = await world.wallet();
      const url = `/v1/clients/${wallet.id}/${path}`;
      const own = await wallet.token();
      const last = own.at(-1) === "A" ? "Q" : "A";
      const wrong = [undefined, "", "x", await other.token(), own.slice(0, -4) + last.repeat(4)];
      for (const token of wrong) expectRefusal(await world.http.get(url, token), "unauthorised");
      expect((await world.http.get(url, own)).status).not.toBe(401);
      world.clock.advance(601);
      expectRefusal(await world.http.get(url, own), "unauthorised");
    },
  );

  test("a token request counts once, and for its own challenge", async () => {
    const nonce = await wallet.challenge("token");
    const request = wallet.tokenRequest(nonce);
    expect((await wallet.post("tokens", request)).code()).toBe("ok");
    // The answer was lost: the same request again is no replay by somebody who could not have read the first answer.
    expect((await wallet.post("tokens", request)).code()).toBe("ok");
    const second = wallet.tokenRequest(nonce);
    expect((await wallet.post("tokens", second)).code()).toBe("unknown-nonce");
    const attest = wallet.tokenRequest(await wallet.challenge("attest"));
    expect((await wallet.post("tokens", attest)).code()).toBe("unknown-nonce");
  });

  test.each(["?limit=0", "?limit=1000", "?before=x", "?before=-1", "?before=0"])(
    "history%s",
    async (query) => {
      expectRefusal(await wallet.get(`history${query}`), "malformed");
    },
  );

  test.each(["outcomes/ab/1", `outcomes/${"ab".repeat(32)}/x`, `outcomes/${"ab".repeat(32)}/01`])(
    "%s",
    async (path) => {
      expectRefusal(await wallet.get(path), "malformed");
    },
  );

  test("an index beyond 32 bits", async () => {
    expectRefusal(await wallet.get(`outcomes/${"ab".repeat(32)}/4294967296`), "malformed");
  });
});
