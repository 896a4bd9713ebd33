import { amount, isRefusalCode, REFUSALS, unwrap } from "@bezant/protocol";
import { createNetwork, type Network, type Party } from "@bezant/testkit";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  explainRefusal,
  WALLET_REFUSALS,
  type Fetch,
  type WalletRefusal,
} from "../../src/index.ts";
import { meet } from "../support/exchange.ts";
import { expectBooksAgree } from "../support/interruption.ts";

const X = amount(10n);
const TEMPORARY = [
  "claim-in-review",
  "refund-in-review",
  "issuer-unconfirmed",
  "commit-unknown",
  "internal-error",
  "unavailable",
  "too-many-requests",
];

let network: Network;
let alice: Party;
let shop: Party;
beforeAll(async () => {
  network = await createNetwork();
  alice = await network.party({ offline: 50_000n, online: 50_000n });
  shop = await network.party();
});
afterAll(() => network.close());

type Answer = { readonly status: number; readonly media: string; readonly body: Uint8Array };

/** What a provider must not say, and a broken or hostile one might. */
const answer: fc.Arbitrary<Answer> = fc.record({
  status: fc.constantFrom(200, 201, 204, 302, 400, 404, 422, 500, 503),
  media: fc.constantFrom(
    "application/cose",
    "application/cbor",
    "application/cbor-seq",
    "application/json",
    "application/problem+json",
    "text/html; charset=utf-8",
    "",
  ),
  body: fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    fc.json().map((text) => new TextEncoder().encode(text)),
    fc.constant(new Uint8Array()),
    fc.constant(new Uint8Array(3_000_000)),
    fc
      .record({ code: fc.string(), title: fc.string(), state: fc.constantFrom("unknown", "x") })
      .map((problem) => new TextEncoder().encode(JSON.stringify(problem))),
  ),
});

function says({ status, media, body }: Answer): Fetch {
  const isEmpty = status === 204;
  return () =>
    Promise.resolve(
      new Response(isEmpty ? null : new Uint8Array(body), {
        status,
        headers: { "content-type": media },
      }),
    );
}

async function withFetch<T>(party: Party, fetch: Fetch, run: () => Promise<T>): Promise<T> {
  party.kill();
  await party.open({ fetch });
  const result = await run();
  await party.reopen();
  return result;
}

type Call = readonly [name: string, of: () => Party, run: () => Promise<unknown>];
const CALLS: readonly Call[] = [
  ["register", () => shop, () => shop.wallet.register({ url: network.provider().url })],
  ["registerTa", () => alice, () => alice.wallet.registerTa()],
  ["deposit", () => alice, () => alice.wallet.deposit({ amount: X })],
  ["withdraw", () => alice, () => alice.wallet.withdraw({ amount: X })],
  [
    "payOnline",
    () => alice,
    async () => alice.wallet.payOnline({ amount: X, receiver: await shop.id() }),
  ],
  ["sync", () => alice, () => alice.wallet.sync()],
  ["claim", () => shop, () => shop.wallet.claim()],
  ["onlineBalance", () => alice, () => alice.wallet.onlineBalance()],
  ["onlineHistory", () => alice, () => alice.wallet.onlineHistory()],
];

async function supply(): Promise<bigint> {
  const { offline = 0n } = unwrap(await alice.wallet.balance());
  const { claimable } = unwrap(await shop.wallet.balance());
  const [a, b] = await Promise.all(
    [alice, shop].map(async (one) => network.provider().online(await one.id())),
  );
  return offline + claimable + a! + b!;
}

describe.each(CALLS)("%s", (name, of, run) => {
  it("says in a typed refusal that the answer is none, and loses nothing by it", async () => {
    const before = await supply();
    await fc.assert(
      fc.asyncProperty(answer, async (one) => {
        if (name === "claim") {
          const requested = unwrap(await shop.wallet.requestPayment({ amount: X }));
          await meet(alice, shop, requested);
        }
        const result = (await withFetch(of(), says(one), run)) as {
          ok: boolean;
          error: WalletRefusal;
        };
        // A withdrawal has left the device, and says that it is not credited.
        if (name === "withdraw")
          expect(result).toMatchObject({ ok: true, value: { credited: false } });
        else expect(result.ok).toBe(false);
        if (!result.ok) expect(explainRefusal(result.error)).toMatch(/\. /);
        expect(unwrap(await of().wallet.resume())).toEqual([]);
        await expectBooksAgree(of());
        unwrap(await shop.wallet.claim());
        expect(await supply()).toBe(before);
      }),
      { numRuns: 15 },
    );
  });
});

describe("a refusal of the provider", () => {
  const problem = (code: string, more = {}): Answer => ({
    status: 422,
    media: "application/problem+json",
    body: new TextEncoder().encode(JSON.stringify({ code, title: "Because", ...more })),
  });
  const deposit = () => alice.wallet.deposit({ amount: X });
  const refusal = async (said: Answer): Promise<WalletRefusal> => {
    const result = await withFetch(alice, says(said), deposit);
    expect(await alice.wallet.resume()).toEqual({ ok: true, value: [] });
    if (result.ok) throw new Error("not refused");
    return result.error;
  };

  it("leaves the operation in the journal exactly when it may be another one later", async () => {
    for (const code of Object.keys(REFUSALS)) {
      const { code: told, pending } = await refusal(problem(code));
      expect(told).toBe(code);
      expect(pending === true).toBe(TEMPORARY.includes(code));
    }
  });

  it("that this version does not know is definite only if it says that nothing has moved", async () => {
    expect(await refusal(problem("new-rule", { state: "nothing-moved" }))).toMatchObject({
      code: "provider-refused",
      detail: "new-rule: Because",
    });
    expect(await refusal(problem("new-rule", { state: "pending" }))).toMatchObject({
      code: "provider-unreadable",
      pending: true,
    });
    expect(await refusal(problem("new-rule"))).toMatchObject({ code: "provider-unreadable" });
  });

  it("is not shown to anybody in other words than the wallet's", () => {
    for (const code of Object.keys(WALLET_REFUSALS)) expect(isRefusalCode(code)).toBe(false);
  });
});
