import { amount, unwrap } from "@bezant/protocol";
import { createNetwork, type Network, type Party } from "@bezant/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { meet } from "../support/exchange.ts";
import { expectBooksAgree } from "../support/interruption.ts";

const X = amount(10n);

let network: Network;
let alice: Party;
let bob: Party;
let shop: Party;
beforeAll(async () => {
  network = await createNetwork();
  alice = await network.party({ offline: 10_000n, online: 10_000n });
  bob = await network.party({ offline: 1000n, online: 0n });
  shop = await network.party();
});
afterAll(() => network.close());

async function wealth(party: Party): Promise<bigint> {
  const { offline = 0n, claimable } = unwrap(await party.wallet.balance());
  return offline + claimable + (await network.provider().online(await party.id()));
}

describe("many operations of one wallet at the same time", () => {
  it("count each once, whatever they meet on their way", async () => {
    const everybody = [alice, bob, shop];
    const before = await Promise.all(everybody.map(wealth));
    const payTo = async (payee: Party): Promise<void> => {
      const requested = unwrap(await payee.wallet.requestPayment({ amount: X }));
      expect((await meet(alice, payee, requested)).paid).toMatchObject({ ok: true });
    };
    const all: Promise<unknown>[] = [];
    for (let i = 0; i < 6; i++) {
      all.push(
        payTo(bob),
        payTo(shop),
        alice.wallet.deposit({ amount: X }).then(unwrap),
        alice.wallet.withdraw({ amount: X }).then(unwrap),
        bob.wallet.withdraw({ amount: X }).then(unwrap),
        alice.wallet.sync().then(unwrap),
        shop.wallet.claim().then(unwrap),
        alice.wallet.balance().then(unwrap),
        alice.wallet.registerTa().then(unwrap),
      );
    }
    await Promise.all(all);
    for (const party of everybody) {
      expect(unwrap(await party.wallet.resume())).toEqual([]);
      await expectBooksAgree(party);
    }
    unwrap(await shop.wallet.claim());
    const after = await Promise.all(everybody.map(wealth));
    expect(after).toEqual([before[0]! - 120n, before[1]! + 60n, before[2]! + 60n]);
  });
});
