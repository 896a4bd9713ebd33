import { amount, attach, outcome, unwrap, type Counter } from "@bezant/protocol";
import { createNetwork, type Network, type Party } from "@bezant/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Paid, Received, Requested } from "../../src/index.ts";
import { meet } from "../support/exchange.ts";

const X = amount(100n);

let network: Network;
let alice: Party;
let carol: Party;
let bob: Party;
let shop: Party;
beforeAll(async () => {
  network = await createNetwork({ providers: ["alpha", "beta"] });
  alice = await network.party({ offline: 10_000n });
  // Carol and the shop are clients of another provider than Alice and Bob.
  carol = await network.party({ offline: 10_000n, at: "beta" });
  bob = await network.party({ device: true });
  shop = await network.party({ at: "beta" });
});
afterAll(() => network.close());

const kindOf = (message: Uint8Array): string => unwrap(outcome.parse(message)).payload.kind;
const ask = async (party: Party, terms = {}): Promise<Requested> =>
  unwrap(await party.wallet.requestPayment({ amount: X, withChain: true, ...terms }));

describe("an outcome whose envelope was damaged on its way to the payee", () => {
  /** The same answer with something beside it that is no certificate. */
  const damaging: typeof fetch = async (url, init) => {
    const response = await fetch(url, init);
    const bytes = new Uint8Array(await response.arrayBuffer());
    const damaged = attach(bytes, { certificate: Uint8Array.of(0) });
    return new Response(damaged.ok ? new Uint8Array(damaged.value) : bytes, response);
  };

  it.each(["alice", "carol"] as const)("is whole when the payee hands it to %s", async (name) => {
    const payer = { alice, carol }[name];
    const pay = async (): Promise<[Paid, Received]> => {
      const paid = unwrap(await payer.wallet.pay((await ask(shop)).message));
      return [paid, unwrap(await shop.wallet.receive(paid.message))];
    };
    const [[, first], [paid, second]] = [await pay(), await pay()];
    shop.kill();
    const wallet = await shop.open({ fetch: damaging });
    const { outcome: declined } = unwrap(await wallet.decline(first));
    unwrap(await wallet.claim([second]));
    const { outcome: claimed } = unwrap(await wallet.receive(paid.message));
    await shop.reopen();
    expect(unwrap(await payer.wallet.settle(declined)).verdict).toBe("refund-due");
    expect(unwrap(await payer.wallet.settle(claimed)).verdict).toBe("settled");
    expect(unwrap(await payer.wallet.refund())).toMatchObject({ count: 1, amount: X });
    expect(unwrap(unwrap(await payer.wallet.status()).device!).unsettled).toEqual([]);
  });
});

describe("an older store that is put back", () => {
  it("learns at the next sync of a payment that the device has made, and gets it back", async () => {
    const requested = await ask(bob);
    const image = carol.disk.image();
    unwrap(await bob.wallet.receive(unwrap(await alice.wallet.pay(requested.message)).message));
    const late = unwrap(await carol.wallet.pay(requested.message));
    const word = await bob.wallet.receive(late.message);
    const outcomeOfBob = word.ok ? undefined : word.error.outcome;
    carol.kill();
    carol.disk.restore(image);
    await carol.open();
    const before = await carol.offline();

    expect(await carol.wallet.settle(outcomeOfBob!)).toMatchObject({
      error: { code: "unknown-payment" },
    });
    unwrap(await carol.wallet.sync());
    expect(unwrap(await carol.wallet.settle(outcomeOfBob!)).verdict).toBe("refund-due");
    expect(unwrap(await carol.wallet.refund())).toMatchObject({ count: 1, amount: X });
    expect(await carol.offline()).toBe(before + X);
  });
});

describe("a request that a wallet pays again because it has forgotten that it did", () => {
  it("is refused by the payee's wallet offline, and the second payment comes back when that declines it", async () => {
    const dave = await network.party({ offline: 1000n, at: "beta" });
    const requested = await ask(shop);
    const image = dave.disk.image();
    const first = unwrap(await dave.wallet.pay(requested.message));
    unwrap(await shop.wallet.receive(first.message));
    // The provider has it, so the device lets go of it; then the store is put back.
    unwrap(await dave.wallet.sync());
    dave.kill();
    dave.disk.restore(image);
    await dave.open();
    const second = unwrap(await dave.wallet.pay(requested.message));
    expect(second.j).not.toBe(first.j);

    shop.isOnline = false;
    expect(await shop.wallet.receive(second.message)).toMatchObject({
      error: { code: "request-collected" },
    });
    shop.isOnline = true;
    const before = await network.provider("beta").online(await shop.id());
    expect(unwrap(await shop.wallet.claim())).toMatchObject({ amount: X });
    expect(await network.provider("beta").online(await shop.id())).toBe(before + X);
    const kept = { sender: await dave.ta(), j: second.j };
    const { outcome: declined } = unwrap(await shop.wallet.decline(kept));
    expect(unwrap(await dave.wallet.settle(declined)).verdict).toBe("refund-due");
    expect(unwrap(await dave.wallet.refund())).toMatchObject({ count: 1, amount: X });
    expect(await dave.offline()).toBe(1000n - X);
  });

  // Seed night/6 of the simulation, worlds of 5,000 steps.
  it("is collected once by a device, whose word for the one payment brings back the other", async () => {
    const erin = await network.party({ offline: 1000n, at: "beta" });
    const requested = await ask(bob);
    const image = erin.disk.image();
    const first = unwrap(await erin.wallet.pay(requested.message));
    const word = unwrap(await bob.wallet.receive(first.message)).outcome;
    unwrap(await bob.wallet.sync());
    unwrap(await erin.wallet.sync());
    const later = erin.disk.image();
    const putBack = async (store: typeof image): Promise<void> => {
      erin.kill();
      erin.disk.restore(store);
      await erin.open();
    };
    await putBack(image);
    const second = unwrap(await erin.wallet.pay(requested.message));
    expect(second.j).not.toBe(first.j);
    // The store that knows the first payment hears of the second from the device.
    await putBack(later);
    unwrap(await erin.wallet.sync());

    const late = await bob.wallet.receive(second.message);
    expect(late).toMatchObject({ error: { code: "request-collected", outcome: word } });
    unwrap(await erin.wallet.settle(word));
    expect(unwrap(await erin.wallet.refund())).toMatchObject({ count: 1, amount: X });
    expect(await erin.offline()).toBe(1000n - X);
  });
});

describe("a request that two payers pay", () => {
  it("is collected from one; the other gets its money back on the payee's signed word", async () => {
    const requested = await ask(bob);
    const first = unwrap(await alice.wallet.pay(requested.message));
    const second = unwrap(await carol.wallet.pay(requested.message));
    const before = await carol.offline();
    const collected = unwrap(await bob.wallet.receive(first.message));
    const late = await bob.wallet.receive(second.message);
    expect(late).toMatchObject({ error: { code: "request-collected" } });
    const word = late.ok ? undefined : late.error.outcome;
    expect(word).toEqual(collected.outcome);

    expect(unwrap(await alice.wallet.settle(collected.outcome)).verdict).toBe("settled");
    expect(unwrap(await carol.wallet.settle(word!)).verdict).toBe("refund-due");
    expect(unwrap(await carol.wallet.balance())).toMatchObject({ refundable: X, offline: before });
    expect(unwrap(await carol.wallet.refund())).toEqual({ count: 1, amount: X, refused: [] });
    expect(unwrap(await carol.wallet.balance())).toMatchObject({
      refundable: 0n,
      offline: before + X,
    });
    expect(unwrap(await carol.wallet.refund())).toMatchObject({ count: 0 });
  });

  it("is received once by a wallet; the second payment is kept, and sent back when the wallet declines it", async () => {
    const requested = await ask(shop);
    const first = await meet(alice, shop, requested);
    expect(unwrap(first.paid).verdict).toBe("received");
    const second = unwrap(await carol.wallet.pay(requested.message));
    for (let i = 0; i < 2; i++) {
      expect(await shop.wallet.receive(second.message)).toMatchObject({
        error: { code: "request-collected" },
      });
    }
    expect(unwrap(await shop.wallet.balance())).toMatchObject({ claimable: X });
    const unwanted = { sender: await carol.ta(), j: second.j };
    const declined = unwrap(await shop.wallet.decline(unwanted));
    expect(declined.state).toBe("never-settled");
    expect(unwrap(await shop.wallet.decline(unwanted))).toEqual(declined);
    expect(unwrap(await shop.wallet.claim([unwanted]))).toMatchObject({ count: 0 });

    const before = await carol.offline();
    expect(unwrap(await carol.wallet.settle(declined.outcome)).verdict).toBe("refund-due");
    expect(unwrap(await carol.wallet.refund())).toMatchObject({ count: 1, amount: X });
    expect(await carol.offline()).toBe(before + X);
    expect(unwrap(await shop.wallet.claim())).toMatchObject({ count: 1, amount: X });
    const ended = unwrap(await shop.wallet.receive(unwrap(first.paid).message));
    expect(kindOf(ended.outcome)).toBe("claimed");
    expect(unwrap(await alice.wallet.settle(ended.outcome)).verdict).toBe("settled");
  });
});

describe("a request that is cancelled", () => {
  it("is void in a TA for ever, and a payer who paid it is refunded", async () => {
    const requested = await ask(bob);
    const paid = unwrap(await carol.wallet.pay(requested.message));
    const cancelled = unwrap(await bob.wallet.cancel(requested));
    expect(unwrap(await bob.wallet.cancel(requested))).toEqual(cancelled);
    const met = await meet(carol, bob, requested);
    expect(unwrap(met.paid)).toMatchObject({ verdict: "refund-due", j: paid.j });
    expect(met.received).toMatchObject({ error: { code: "request-void" } });
    expect(unwrap(await carol.wallet.refund({ ta: await carol.ta(), j: paid.j }))).toMatchObject({
      count: 1,
    });
    expect(await bob.wallet.cancel({ payee: requested.payee, r: 999 as Counter })).toMatchObject({
      error: { code: "unknown-request" },
    });
  });

  it("is not taken back by a wallet that is paid all the same", async () => {
    const requested = await ask(shop);
    const paid = unwrap(await alice.wallet.pay(requested.message));
    expect(unwrap(await shop.wallet.cancel(requested))).toEqual({ ended: "cancelled" });
    expect(await shop.wallet.receive(paid.message)).toMatchObject({
      error: { code: "request-void" },
    });
    const kept = { sender: await alice.ta(), j: paid.j };
    expect(unwrap(await shop.wallet.claim())).toMatchObject({ count: 0 });
    expect(unwrap(await shop.wallet.claim([kept]))).toMatchObject({ count: 1, amount: X });
    expect(unwrap(await shop.wallet.decline(kept))).toMatchObject({ state: "claimed" });
  });

  it("cannot be cancelled once it was paid", async () => {
    for (const payee of [bob, shop]) {
      const requested = await ask(payee);
      await meet(alice, payee, requested);
      expect(await payee.wallet.cancel(requested)).toMatchObject({
        error: { code: "request-collected" },
      });
    }
  });
});

describe("a request that replaces another", () => {
  it("makes the first one void in a TA, and not awaited by a wallet", async () => {
    for (const payee of [bob, shop]) {
      const first = await ask(payee);
      const second = await ask(payee, { replaces: first.r });
      const { open } = unwrap(await payee.wallet.status());
      expect(open.map(({ r }) => r)).toEqual([second.r]);
      const late = unwrap(await alice.wallet.pay(first.message));
      expect(await payee.wallet.receive(late.message)).toMatchObject({
        error: { code: "request-void" },
      });
      expect(await payee.wallet.requestPayment({ amount: X, replaces: first.r })).toMatchObject({
        error: { code: "unknown-request" },
      });
      unwrap(await payee.wallet.cancel(second));
    }
  });

  it("is refused where there is no room for another one", async () => {
    const requests: Requested[] = [];
    for (let i = 0; i < 8; i++) requests.push(await ask(bob));
    expect(await bob.wallet.requestPayment({ amount: X })).toMatchObject({
      error: { code: "requests-full" },
    });
    for (const one of requests) unwrap(await bob.wallet.cancel(one));
  });
});

describe("a payment whose payee is silent", () => {
  it("is settled by what the provider knows", async () => {
    const requested = unwrap(
      await bob.wallet.requestPayment({ amount: X, as: "wallet", withChain: true }),
    );
    const paid = unwrap(await alice.wallet.pay(requested.message));
    unwrap(await bob.wallet.receive(paid.message));
    unwrap(await bob.wallet.claim());
    expect(unwrap(await alice.wallet.history()).at(-1)).toMatchObject({ state: "paid" });
    expect(unwrap(await alice.wallet.sync())).toMatchObject({ refused: 0 });
    expect(unwrap(await alice.wallet.history()).at(-1)).toMatchObject({ state: "settled" });
  });

  it("is given again to the same payee before that is paid anew", async () => {
    const dave = await network.party({ offline: 1000n });
    const lost = await ask(bob);
    const first = unwrap(await dave.wallet.pay(lost.message));
    const asked = unwrap(await dave.wallet.inspect((await ask(bob)).message));
    expect(asked.unconfirmed).toMatchObject([{ j: first.j, amount: X }]);
    const again = await ask(bob);
    const before = await bob.offline();
    const met = await meet(dave, bob, again);
    expect(unwrap(met.paid).verdict).toBe("settled");
    expect(await bob.offline()).toBe(before + X + X);
    expect(unwrap(await dave.wallet.history()).slice(1)).toMatchObject([
      { j: first.j, state: "settled" },
      { state: "settled" },
    ]);
  });

  it("ends otherwise only once: what contradicts the first outcome is refused", async () => {
    const requested = await ask(shop);
    const paid = unwrap(await carol.wallet.pay(requested.message));
    const got = unwrap(await shop.wallet.receive(paid.message));
    const { outcome: declined } = unwrap(await shop.wallet.decline(got));
    expect(unwrap(await carol.wallet.settle(declined)).verdict).toBe("refund-due");
    expect(unwrap(await carol.wallet.settle(declined)).verdict).toBe("refund-due");
    expect(unwrap(await carol.wallet.settle(got.outcome)).verdict).toBe("received");
    unwrap(await carol.wallet.refund());
    expect(unwrap(await carol.wallet.settle(declined)).verdict).toBe("refund-due");
    expect(unwrap(await carol.wallet.history()).at(-1)).toMatchObject({ state: "refunded" });
  });
});
