import { amount, unwrap } from "@bezant/protocol";
import { createNetwork, type Network } from "@bezant/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { meet } from "../support/exchange.ts";

let network: Network;
beforeAll(async () => {
  network = await createNetwork();
});
afterAll(() => network.close());

describe("wallets in a whole network", () => {
  it("deposit, pay each other offline, spend onwards, claim and withdraw", async () => {
    const alice = await network.party({ offline: 5000n, online: 1000n });
    const bob = await network.party({ device: true });
    const shop = await network.party();
    for (const party of [alice, bob, shop]) party.isOnline = false;

    const toBob = unwrap(await bob.wallet.requestPayment({ amount: amount(1200n) }));
    const first = await meet(alice, bob, toBob);
    expect(unwrap(first.paid).verdict).toBe("settled");
    expect(unwrap(first.received)).toMatchObject({ state: "collected", amount: 1200n });
    expect([await alice.offline(), await bob.offline()]).toEqual([3800n, 1200n]);

    const toShop = unwrap(await shop.wallet.requestPayment({ amount: amount(700n) }));
    const second = await meet(bob, shop, toShop);
    expect(unwrap(second.paid).verdict).toBe("received");
    expect(unwrap(second.received)).toMatchObject({ state: "received", amount: 700n });
    expect(unwrap(await shop.wallet.balance())).toMatchObject({ claimable: 700n });
    expect(await shop.wallet.claim()).toMatchObject({
      error: { code: "provider-unreachable", pending: true },
    });

    for (const party of [alice, bob, shop]) {
      party.isOnline = true;
      expect(unwrap(await party.wallet.resume())).toEqual([]);
    }
    expect(unwrap(await shop.wallet.claim())).toMatchObject({ count: 0 });
    expect(unwrap(await shop.wallet.onlineBalance()).online).toBe(700n);
    expect(unwrap(await bob.wallet.withdraw({ amount: amount(500n) }))).toMatchObject({
      w: 1,
      credited: true,
    });
    expect(unwrap(await bob.wallet.onlineBalance()).online).toBe(500n);
    expect(unwrap(await bob.wallet.sync())).toMatchObject({ uploaded: 2, settled: 1 });
    expect(unwrap(await alice.wallet.sync())).toMatchObject({ uploaded: 2, refused: 0 });
    const history = unwrap(await bob.wallet.history());
    expect(history.map(({ kind, amount: x }) => [kind, x])).toEqual(
      expect.arrayContaining([
        ["received", 1200n],
        ["paid", 700n],
        ["withdrawal", 500n],
      ]),
    );
  });
});
