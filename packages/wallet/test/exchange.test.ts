import { amount, seconds, unwrap } from "@bezant/protocol";
import { createNetwork, type Network, type Party } from "@bezant/testkit";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
  channelPair,
  collectOver,
  decodeText,
  encodeText,
  payOver,
  type Asked,
  type Channel,
  type Received,
  type Requested,
} from "../src/index.ts";
import { approve, meet, PATIENCE } from "./support/exchange.ts";

const X = amount(100n);

let network: Network;
let alice: Party;
let bob: Party;
let shop: Party;
beforeAll(async () => {
  network = await createNetwork({ providers: ["alpha", "beta"] });
  bob = await network.party({ device: true });
  shop = await network.party();
});
afterAll(() => network.close());

beforeEach(async () => {
  alice = await network.party({ offline: 1000n });
  alice.isOnline = false;
});

const ask = async (party = bob, more = {}): Promise<Requested> =>
  unwrap(await party.wallet.requestPayment({ amount: X, ...more }));

describe("the payer", () => {
  it("is asked once, with what it needs to know, and pays nothing without a yes", async () => {
    const requested = await ask(shop, { expires: seconds(network.clock.now() + 60) });
    const [left, right] = channelPair();
    const asked: Asked[] = [];
    const refuse = (one: Asked): boolean => {
      asked.push(one);
      return false;
    };
    const [paid, received] = await Promise.all([
      payOver(alice.wallet, left, { ...PATIENCE, approve: refuse }),
      collectOver(shop.wallet, right, requested, PATIENCE),
    ]);
    expect(paid).toMatchObject({ error: { code: "not-approved" } });
    expect(received).toMatchObject({ error: { code: "connection-lost" } });
    expect(asked).toEqual([
      {
        amount: X,
        payee: requested.payee,
        payeeClass: "wallet",
        provider: "alpha",
        expires: network.clock.now() + 60,
        unconfirmed: [],
      },
    ]);
    expect(await alice.offline()).toBe(1000n);
  });

  it("is not asked again for what it has paid, not even when that has expired", async () => {
    const requested = await ask(bob, { expires: seconds(network.clock.now() + 60) });
    unwrap(await alice.wallet.pay(requested.message));
    network.clock.pass(61);
    const [left, right] = channelPair();
    const never = (): boolean => {
      throw new Error("asked");
    };
    const [paid, received] = await Promise.all([
      payOver(alice.wallet, left, { ...PATIENCE, approve: never }),
      collectOver(bob.wallet, right, requested, PATIENCE),
    ]);
    expect(unwrap(paid).verdict).toBe("settled");
    expect(unwrap(received).amount).toBe(X);
    expect(await alice.offline()).toBe(900n);
  });

  it("says that it has paid, and not what became of it, when the payee hangs up", async () => {
    const requested = await ask();
    const [left, right] = channelPair();
    const paying = payOver(alice.wallet, left, { ...PATIENCE, approve });
    await right.send(requested.message);
    const payment = await right.receive();
    await right.close();
    expect(unwrap(await paying)).toMatchObject({ verdict: "unknown", message: payment, amount: X });
    expect(unwrap((await meet(alice, bob, requested)).paid).verdict).toBe("settled");
    expect(await alice.offline()).toBe(900n);
  });

  it("needs to have met the payee's provider, or to be given its chain", async () => {
    const far = await network.party({ device: true, at: "beta" });
    const bare = await meet(alice, far, await ask(far));
    expect(bare.paid).toMatchObject({ error: { code: "unknown-issuer" } });
    const complete = await ask(far, { withChain: true });
    expect(unwrap((await meet(alice, far, complete)).paid).verdict).toBe("settled");
    // Chains that were learnt are kept.
    await alice.reopen();
    expect(unwrap((await meet(alice, far, await ask(far))).paid).verdict).toBe("settled");
  });
});

describe("the payee", () => {
  it("says at once that it has the payment, and goes on until the payer has the outcome", async () => {
    const requested = await ask(shop);
    const [left, right] = channelPair();
    const events: Received[] = [];
    const collecting = collectOver(shop.wallet, right, requested, {
      ...PATIENCE,
      onReceived: (received) => events.push(received),
    });
    const request = await left.receive();
    const { message } = unwrap(await alice.wallet.pay(request!));
    const outcomes: Uint8Array[] = [];
    for (let i = 0; i < 3; i++) {
      await left.send(message);
      outcomes.push((await left.receive())!);
    }
    expect(outcomes[1]).toEqual(outcomes[0]);
    expect(outcomes[2]).toEqual(outcomes[0]);
    await left.close();
    expect(unwrap(await collecting)).toEqual(events[0]);
    expect(events).toHaveLength(1);
    expect(unwrap(await alice.wallet.settle(outcomes[0]!)).verdict).toBe("received");
  });

  it("takes payments for other requests, too, and waits for the one that it asked for", async () => {
    const first = await ask(shop);
    const second = await ask(shop);
    const { message } = unwrap(await alice.wallet.pay(first.message));
    const [left, right] = channelPair();
    const collecting = collectOver(shop.wallet, right, second, PATIENCE);
    await left.send(message);
    const paying = payOver(alice.wallet, left, { ...PATIENCE, approve });
    expect(unwrap(await collecting).r).toBe(second.r);
    expect(unwrap(await paying).verdict).toBe("received");
    expect(await alice.offline()).toBe(800n);
  });

  it("keeps its request when nobody pays", async () => {
    const requested = await ask();
    const [, right] = channelPair();
    const patience = { ...PATIENCE, attempts: 2 };
    expect(await collectOver(bob.wallet, right, requested, patience)).toMatchObject({
      error: { code: "connection-lost" },
    });
    expect(unwrap((await meet(alice, bob, requested)).paid).verdict).toBe("settled");
  });
});

describe("either side", () => {
  it("ends when the other one talks nonsense without end", async () => {
    const babble = async (channel: Channel): Promise<void> => {
      while (await channel.send(Uint8Array.of(1, 2, 3))) await channel.receive();
    };
    const patience = { ...PATIENCE, attempts: 30 };
    const requested = await ask();
    const [a, b] = channelPair();
    const [received] = await Promise.all([
      collectOver(bob.wallet, a, requested, patience),
      babble(b),
    ]);
    expect(received).toMatchObject({ error: { code: "connection-lost" } });
    const [c, d] = channelPair();
    const paying = payOver(alice.wallet, c, { ...patience, approve });
    await Promise.all([paying, babble(d)]);
    expect(await paying).toMatchObject({ error: { code: "connection-lost" } });
    expect(await alice.offline()).toBe(1000n);
    unwrap(await bob.wallet.cancel(requested));
  });

  it("needs no channel: three texts are a payment", async () => {
    const requested = await ask(shop);
    const carry = (message: Uint8Array): Uint8Array =>
      unwrap(decodeText(encodeText(message))).message;
    const paid = unwrap(await alice.wallet.pay(carry(requested.message)));
    const received = unwrap(await shop.wallet.receive(carry(paid.message)));
    expect(unwrap(await alice.wallet.settle(carry(received.outcome)))).toMatchObject({
      j: paid.j,
      verdict: "received",
    });
  });
});
