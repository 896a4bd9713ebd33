import { amount, unwrap } from "@bezant/protocol";
import { createNetwork, type Network, type Party } from "@bezant/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { explainRefusal, type Paid, type Requested } from "../../src/index.ts";

const DAY = 86_400;
/** As the provider certifies TAs; clocks may differ by five minutes. */
const [VALIDITY, SKEW] = [180 * DAY, 300];

let network: Network;
beforeAll(async () => {
  network = await createNetwork();
});
afterAll(() => network.close());

const X = amount(10n);

type Sale = {
  readonly payer: Party;
  readonly payee: Party;
  readonly requested: Requested;
  readonly paid: Paid;
};

/** A payment that its payee gets so many seconds after the payer's certificate has expired. */
async function sale(seconds: number, device: boolean): Promise<Sale> {
  const payer = await network.party({ offline: 100n });
  const payee = await network.party({ device });
  const requested = unwrap(await payee.wallet.requestPayment({ amount: X }));
  const paid = unwrap(await payer.wallet.pay(requested.message));
  network.clock.pass(VALIDITY + seconds);
  return { payer, payee, requested, paid };
}

describe.each([
  { to: "a wallet", device: false },
  { to: "a device", device: true },
])("a payment to $to under a certificate that has expired", ({ device }) => {
  it("is taken for as long as clocks may differ", async () => {
    const { payee, paid } = await sale(SKEW, device);
    expect(await payee.wallet.receive(paid.message)).toMatchObject({ ok: true });
  });

  it("is not taken after that, and whoever hears so hears that nothing is lost", async () => {
    const { payer, payee, paid } = await sale(SKEW + 1, device);
    for (let i = 0; i < 2; i++) {
      const refused = await payee.wallet.receive(paid.message);
      expect(refused).toEqual({ ok: false, error: { code: "payer-expired" } });
      expect(refused.ok || explainRefusal(refused.error)).toContain("Nothing is lost.");
      await payee.reopen();
      expect(unwrap(await payee.wallet.resume())).toEqual([]);
    }
    expect(unwrap(await payee.wallet.balance())).toMatchObject({ claimable: 0n });
    expect(await payee.offline()).toBe(0n);
    // The payer has it as it was.
    const { unsettled } = unwrap(unwrap(await payer.wallet.status()).device!);
    expect(unsettled).toEqual([paid.j]);
  });
});

describe("a payment that came too late", () => {
  it("is credited by the provider of the wallet that it was to, for thirty days", async () => {
    const { payer, payee, paid } = await sale(30 * DAY, false);
    expect(await payee.wallet.receive(paid.message)).toMatchObject({ ok: false });
    const id = { sender: await payer.ta(), j: paid.j };
    expect(unwrap(await payee.wallet.claim([id]))).toMatchObject({ count: 1, amount: X });
    expect(await payee.wallet.receive(paid.message)).toMatchObject({ value: { state: "claimed" } });
    expect(await network.provider().online(await payee.id())).toBe(X);
  });

  it("is not kept where nobody would take it any more", async () => {
    const { payer, payee, paid } = await sale(30 * DAY + 1, false);
    expect(await payee.wallet.receive(paid.message)).toMatchObject({ error: { code: "expired" } });
    const id = { sender: await payer.ta(), j: paid.j };
    expect(await payee.wallet.claim([id])).toMatchObject({ error: { code: "unknown-receipt" } });
  });

  it("goes back to the payer once the device that it was to has ended the request", async () => {
    const { payer, payee, requested, paid } = await sale(DAY, true);
    expect(await payee.wallet.receive(paid.message)).toMatchObject({
      error: { code: "payer-expired" },
    });
    const { outcome } = unwrap(await payee.wallet.cancel(requested));
    expect(await payee.wallet.receive(paid.message)).toMatchObject({
      error: { code: "request-void", outcome },
    });
    expect(unwrap(await payer.wallet.settle(outcome!)).verdict).toBe("refund-due");
    unwrap(await payer.wallet.registerTa());
    expect(unwrap(await payer.wallet.refund())).toMatchObject({ count: 1, amount: X });
    expect(await payer.offline()).toBe(100n);
  });

  it("is answered as before where it had come in time", async () => {
    const { payee, paid } = await sale(0, true);
    const first = unwrap(await payee.wallet.receive(paid.message));
    network.clock.pass(DAY);
    const again = unwrap(await payee.wallet.receive(paid.message));
    expect(again).toEqual({ ...first, isRepeat: true });
    expect(await payee.offline()).toBe(X);
  });
});
