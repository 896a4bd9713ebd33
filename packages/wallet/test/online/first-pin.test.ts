import { randomBytes } from "node:crypto";
import { amount, unwrap } from "@bezant/protocol";
import { createNetwork, LIMITS, type Network } from "@bezant/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

let network: Network;
beforeAll(async () => {
  network = await createNetwork({ limits: { ...LIMITS, noPinCap: amount(20n) } });
});
afterAll(() => network.close());

describe("the first PIN", () => {
  it("is set before the first deposit, and lifts the cap for whoever enters it", async () => {
    const payer = await network.party({ device: true, online: 100n });
    unwrap(await payer.wallet.setPin("1234"));
    unwrap(await payer.wallet.deposit({ amount: amount(100n) }));
    const shop = await network.party();
    const { message } = unwrap(await shop.wallet.requestPayment({ amount: amount(50n) }));
    expect(await payer.wallet.pay(message)).toMatchObject({ error: { code: "pin-required" } });
    unwrap(await payer.wallet.enterPin("1234", amount(50n)));
    expect(await payer.wallet.pay(message)).toMatchObject({ ok: true });
  });

  it("cannot be chosen by whoever finds a device with money in it", async () => {
    const owner = await network.party({ offline: 100n });
    expect(await owner.wallet.setPin("1234")).toMatchObject({ error: { code: "pin-required" } });
    expect(await owner.wallet.enterPin("1234")).toMatchObject({ error: { code: "pin-not-set" } });
  });

  it("is chosen by the owner after the provider has unlocked it, or when the money is out", async () => {
    const owner = await network.party({ offline: 100n });
    const order = {
      kind: "unlock-pin",
      orderId: randomBytes(16),
      client: await owner.id(),
    } as const;
    await network.provider().order({ ...order, ta: await owner.ta() });
    unwrap(await owner.wallet.sync());
    unwrap(await owner.wallet.setPin("1234"));
    expect(await owner.wallet.setPin("5678")).toMatchObject({ error: { code: "pin-required" } });

    const other = await network.party({ offline: 100n });
    unwrap(await other.wallet.withdraw({ amount: amount(100n) }));
    expect(await other.wallet.setPin("1234")).toMatchObject({ ok: true });
  });
});
