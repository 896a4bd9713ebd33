import { amount, unwrap } from "@bezant/protocol";
import { createNetwork, type Network } from "@bezant/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

let network: Network;
beforeAll(async () => {
  network = await createNetwork();
});
afterAll(() => network.close());

const X = amount(80n);

describe("a deposit whose number a refund has taken", () => {
  it("of the same amount applies the refund and goes on: both arrive, once", async () => {
    const payer = await network.party({ offline: 100n, online: 100n });
    const payee = await network.party({ device: true });
    const requested = unwrap(await payee.wallet.requestPayment({ amount: X }));
    unwrap(await payer.wallet.pay(requested.message));
    const { outcome } = unwrap(await payee.wallet.cancel(requested));
    unwrap(await payer.wallet.settle(outcome!));
    expect(await payer.offline()).toBe(20n);

    // The provider has issued the refund, which the wallet does not get to hear.
    payer.faults.plan(1, "lose-answer");
    expect(await payer.wallet.refund()).toMatchObject({ error: { pending: true } });
    payer.faults.clear();
    expect(unwrap(await payer.wallet.onlineBalance()).tas).toMatchObject([{ d: 2 }]);

    expect(unwrap(await payer.wallet.deposit({ amount: X }))).toEqual({ amount: X });
    expect(await payer.offline()).toBe(180n);
    expect(await network.provider().online(await payer.id())).toBe(20n);
    expect(unwrap(await payer.wallet.resume())).toEqual([]);
    expect(unwrap(await payer.wallet.balance())).toMatchObject({ offline: 180n, refundable: 0n });
    expect(unwrap(await payer.wallet.onlineBalance()).tas).toMatchObject([{ d: 3 }]);
  });
});
