import { amount, unwrap } from "@bezant/protocol";
import { createNetwork, type Network, type Party } from "@bezant/testkit";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Paid, Requested } from "../../src/index.ts";

const X = amount(10n);
const PLACES = 16;

let network: Network;
let shop: Party;
beforeAll(async () => {
  network = await createNetwork();
  shop = await network.party();
});
afterAll(() => network.close());

let alice: Party;
beforeEach(async () => {
  alice = await network.party({ offline: 10_000n });
  alice.isOnline = false;
});

const ask = async (payee = shop): Promise<Requested> =>
  unwrap(await payee.wallet.requestPayment({ amount: X }));

async function fill(payee = shop): Promise<Paid[]> {
  const paid: Paid[] = [];
  for (let i = 0; i < PLACES; i++) {
    const requested = await ask(payee);
    const one = unwrap(await alice.wallet.pay(requested.message));
    if (payee !== shop) unwrap(await payee.wallet.receive(one.message));
    paid.push(one);
  }
  return paid;
}

async function unsettled(): Promise<number> {
  return unwrap(unwrap(await alice.wallet.status()).device!).unsettled.length;
}

describe("a payment with a full outbox", () => {
  it("is refused offline, when nobody has said that he has the earlier ones", async () => {
    await fill();
    const one = await ask();
    const before = [alice.disk.image(), await alice.offline()];
    expect(await alice.wallet.pay(one.message)).toMatchObject({ error: { code: "outbox-full" } });
    expect([alice.disk.image(), await alice.offline()]).toEqual(before);
  });

  it("is made offline once a payee's wallet has said so of one, which the payer then keeps itself", async () => {
    const [first] = await fill();
    const { outcome } = unwrap(await shop.wallet.receive(first!.message));
    unwrap(await alice.wallet.settle(outcome));
    expect(await unsettled()).toBe(PLACES);
    expect(unwrap(await alice.wallet.pay((await ask()).message)).j).toBe(PLACES + 1);
    expect(await unsettled()).toBe(PLACES);
    // The released one can still be proved, and given again.
    const again = unwrap(await shop.wallet.receive(first!.message));
    expect(again.j).toBe(first!.j);
    expect(await alice.wallet.pay((await ask()).message)).toMatchObject({
      error: { code: "outbox-full" },
    });
  });

  it("is made offline by outcomes that the device was not told of", async () => {
    const bob = await network.party({ device: true });
    const payments = await fill(bob);
    const { outcome } = unwrap(await bob.wallet.receive(payments[3]!.message));
    // The device is cut off just then.
    alice.faults.plan(1, "unreachable");
    expect(unwrap(await alice.wallet.settle(outcome)).verdict).toBe("settled");
    expect(await unsettled()).toBe(PLACES);
    unwrap(await alice.wallet.pay((await ask()).message));
    expect(await unsettled()).toBe(PLACES);
    expect(unwrap(await alice.wallet.resume())).toEqual([]);
  });

  it("is made online by a sync, which gives the provider all of them", async () => {
    await fill();
    alice.isOnline = true;
    expect(unwrap(await alice.wallet.pay((await ask()).message)).j).toBe(PLACES + 1);
    expect(await unsettled()).toBe(1);
    const [ta] = unwrap(await alice.wallet.onlineBalance()).tas;
    expect(ta).toMatchObject({ stored: PLACES });
  });
});

describe("a withdrawal", () => {
  it("leaves the device offline, four times, and arrives in order once there is a network", async () => {
    for (let w = 1; w <= 4; w++) {
      expect(unwrap(await alice.wallet.withdraw({ amount: X }))).toMatchObject({
        w,
        credited: false,
      });
    }
    expect(await alice.wallet.withdraw({ amount: X })).toMatchObject({
      error: { code: "outbox-full" },
    });
    expect(unwrap(await alice.wallet.balance())).toMatchObject({
      withdrawing: 40n,
      offline: 9960n,
    });
    expect(unwrap(await alice.wallet.resume())).toMatchObject([
      { operation: "withdraw", refusal: { code: "provider-unreachable", pending: true } },
    ]);
    alice.isOnline = true;
    expect(unwrap(await alice.wallet.withdraw({ amount: X }))).toMatchObject({
      w: 5,
      credited: true,
    });
    expect(unwrap(await alice.wallet.onlineBalance()).online).toBe(50n);
    expect(unwrap(await alice.wallet.balance())).toMatchObject({ withdrawing: 0n, offline: 9950n });
  });
});
