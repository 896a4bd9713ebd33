import { amount, parseCertificate, unwrap } from "@bezant/protocol";
import { createNetwork, type Network, type Party } from "@bezant/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { meet } from "../support/exchange.ts";
import { expectBooksAgree } from "../support/interruption.ts";

const X = amount(100n);

let network: Network;
let alice: Party;
let shop: Party;
beforeAll(async () => {
  network = await createNetwork();
  alice = await network.party({ offline: 1000n, online: 1000n });
  shop = await network.party();
  await pay(alice, shop);
  const provider = network.provider();
  await provider.stop();
  provider.rollOver();
  await provider.start();
});
afterAll(() => network.close());

async function pay(payer: Party, payee: Party): Promise<void> {
  const requested = unwrap(await payee.wallet.requestPayment({ amount: X }));
  const { verdict } = unwrap((await meet(payer, payee, requested)).paid);
  expect(verdict).toBe(payee.device === undefined ? "received" : "settled");
}

describe("a provider that rolls over to a new key", () => {
  it("serves whoever was certified under the old one, without their doing anything", async () => {
    unwrap(await alice.wallet.deposit({ amount: X }));
    expect(unwrap(await alice.wallet.withdraw({ amount: X })).credited).toBe(true);
    // Made and signed before the rollover, claimed after it.
    expect(unwrap(await shop.wallet.claim())).toMatchObject({ count: 1 });
    expect(unwrap(await alice.wallet.sync())).toMatchObject({ refused: 0 });
    await expectBooksAgree(alice);
  });

  it("lets those of the old and of the new key pay each other offline", async () => {
    const bob = await network.party({ offline: 1000n });
    unwrap(await alice.wallet.sync());
    alice.isOnline = false;
    bob.isOnline = false;
    for (const [payer, payee] of [
      [alice, bob],
      [bob, alice],
      [alice, shop],
      [bob, shop],
    ] as const) {
      await pay(payer, payee);
    }
    alice.isOnline = true;
    bob.isOnline = true;
    expect(unwrap(await shop.wallet.claim())).toMatchObject({ count: 2 });
    for (const party of [alice, bob]) {
      expect(unwrap(await party.wallet.sync())).toMatchObject({ refused: 0 });
      await expectBooksAgree(party);
    }
  });

  it("answers an old certificate with the chain that fits, until it renews it under the new key", async () => {
    const { url } = network.provider();
    const [current] = network.provider().chain();
    const { claims } = unwrap(parseCertificate(current));
    expect(claims.serial).toBe(2);
    // A wallet that lost everything but its key has met neither chain.
    const again = await network.stranger();
    Object.assign(again, { signer: shop.signer });
    await again.reopen();
    unwrap(await again.wallet.register({ url }));
    expect(await again.id()).toBe(await shop.id());
    await pay(alice, again);
    unwrap(await alice.wallet.registerTa());
    await pay(alice, shop);
    expect(unwrap(await shop.wallet.claim())).toMatchObject({ count: 1 });
  });
});
