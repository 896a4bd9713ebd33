import { amount, unwrap } from "@bezant/protocol";
import { createNetwork, LIMITS, type Network, type Party } from "@bezant/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { decodeText, encodeText } from "../../src/index.ts";
import { meet } from "../support/exchange.ts";

const X = amount(50n);

let network: Network;
beforeAll(async () => {
  const limits = { ...LIMITS, uncheckedCap: amount(20n) };
  network = await createNetwork({ limits, providers: ["alpha", "beta"] });
});
afterAll(() => network.close());

async function payerAndPayee(): Promise<[Party, Party]> {
  const payer = await network.party({ offline: 100n });
  const payee = await network.party({ device: true });
  return [payer, payee];
}

const syncAll = async (...parties: Party[]): Promise<void> => {
  for (const { wallet } of parties) unwrap(await wallet.sync());
};

describe("two wallets that have synchronised", () => {
  it("vouch for themselves to each other, also across providers, beyond what is taken unchecked", async () => {
    const payer = await network.party({ offline: 100n });
    const payee = await network.party({ device: true, at: "beta" });
    await syncAll(payer, payee);
    const terms = { amount: X, withChain: true };
    const { paid, received } = await meet(
      payer,
      payee,
      unwrap(await payee.wallet.requestPayment(terms)),
    );
    expect(unwrap(paid).verdict).toBe("settled");
    expect(unwrap(received).amount).toBe(X);
  });

  it("hand the list over in the text of a request or payment", async () => {
    const [payer, payee] = await payerAndPayee();
    await syncAll(payee);
    const requested = unwrap(await payee.wallet.requestPayment({ amount: X }));
    const status = unwrap(await payee.wallet.staple(requested.message));
    expect(status).toBeDefined();
    const text = encodeText(requested.message, status);
    const read = unwrap(decodeText(`Hello,\n> ${text.replaceAll("\n", "\n> ")}\nBye`));
    expect(read).toEqual({ kind: "request", message: requested.message, status });
    const alone = unwrap(decodeText(encodeText(requested.message)));
    expect(alone).toEqual({ kind: "request", message: requested.message });

    const unchecked = await payer.wallet.pay(requested.message);
    expect(unchecked).toMatchObject({ error: { code: "payee-unchecked" } });
    expect(unwrap(await payer.wallet.meetStatus(read.status!))).toEqual({ isNew: true });
    expect(unwrap(await payer.wallet.meetStatus(read.status!))).toEqual({ isNew: false });
    unwrap(await payer.wallet.pay(requested.message));
    expect(await payer.offline()).toBe(50n);
  });
});

describe("a list that is none", () => {
  it("is refused, and nothing is kept of it", async () => {
    const [payer, payee] = await payerAndPayee();
    await syncAll(payee);
    const { message } = unwrap(await payee.wallet.requestPayment({ amount: X }));
    const status = unwrap(await payee.wallet.staple(message))!;
    const forged = status.with(-1, status.at(-1)! ^ 1);
    expect(await payer.wallet.meetStatus(forged)).toMatchObject({
      error: { code: "bad-signature" },
    });
    expect(await payer.wallet.meetStatus(message)).toMatchObject({ error: { code: "wrong-type" } });
    expect(await payer.wallet.meetStatus(status.slice(1))).toMatchObject({
      error: { code: "malformed" },
    });
    expect(await payer.wallet.pay(message)).toMatchObject({ error: { code: "payee-unchecked" } });
  });
});

describe("a device that was revoked", () => {
  it("is refused by a payee that knows, which voids the request, and the payer is not stuck", async () => {
    const [payer, payee] = await payerAndPayee();
    await syncAll(payer);
    const requested = unwrap(await payee.wallet.requestPayment({ amount: X }));
    const status = unwrap(await payee.wallet.staple(requested.message));
    expect(status).toBeUndefined();
    await syncAll(payee);
    const fresh = unwrap(await payee.wallet.staple(requested.message))!;
    unwrap(await payer.wallet.meetStatus(fresh));
    const paid = unwrap(await payer.wallet.pay(requested.message));
    await network.provider("alpha").revoke(await payer.id(), await payer.ta());
    await syncAll(payee);
    expect(await payee.wallet.receive(paid.message)).toMatchObject({
      error: { code: "payer-revoked" },
    });
    expect(await payee.offline()).toBe(0n);
    const { payee: id, r } = requested;
    const voided = unwrap(await payee.wallet.cancel({ payee: id, r })).outcome!;
    expect(unwrap(await payer.wallet.settle(voided)).verdict).toBe("refund-due");
    expect(await payer.wallet.refund()).toMatchObject({
      error: { code: "refund-in-review", pending: true },
    });
    unwrap(await payer.wallet.withdraw({ amount: amount(50n) }));
    expect(await payer.offline()).toBe(0n);
  });

  it("is not paid by a wallet that knows", async () => {
    const [payer, payee] = await payerAndPayee();
    await network.provider("alpha").revoke(await payee.id(), await payee.ta());
    await syncAll(payer);
    const { message } = unwrap(await payee.wallet.requestPayment({ amount: amount(5n) }));
    for (const refused of [await payer.wallet.inspect(message), await payer.wallet.pay(message)]) {
      expect(refused).toMatchObject({ error: { code: "payee-revoked" } });
    }
    expect(await payer.offline()).toBe(100n);
  });

  it("buys nothing from a merchant without a device that has met the list", async () => {
    const payer = await network.party({ offline: 100n });
    const shop = await network.party();
    const knowing = await network.party({ device: true });
    const requested = unwrap(await shop.wallet.requestPayment({ amount: amount(10n) }));
    const paid = unwrap(await payer.wallet.pay(requested.message));
    await network.provider("alpha").revoke(await payer.id(), await payer.ta());
    await syncAll(knowing);
    const asked = unwrap(await knowing.wallet.requestPayment({ amount: X }));
    unwrap(await shop.wallet.meetStatus(unwrap(await knowing.wallet.staple(asked.message))!));
    for (let i = 0; i < 2; i++) {
      expect(await shop.wallet.receive(paid.message)).toMatchObject({
        error: { code: "payer-revoked" },
      });
    }
  });
});
