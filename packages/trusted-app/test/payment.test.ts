import { describe, expect, it } from "vitest";
import { MAKES } from "./world/makes.ts";
import { SmallWorld } from "./world/party.ts";
import { holderOf, signProviderOutcome, signRequest } from "./world/signed.ts";
import { amount, counter } from "@bezant/protocol";

describe.each(Object.entries(MAKES))("money in the %s TA", (_, make) => {
  it("goes from payer to payee, who hands back the outcome that ends it on both sides", () => {
    const world = new SmallWorld(make);
    const payer = world.ta(1_000n);
    const payee = world.ta();
    const payment = payer.pay(payee.ask(300n));
    const outcome = payee.do("Collect", { payment });
    expect([payer.balance, payee.balance]).toEqual([700n, 300n]);
    expect(payer.state.payments).toHaveLength(1);
    payer.do("Settle", { outcome });
    expect(payer.state.payments).toHaveLength(0);
    expect(payee.state.requests).toHaveLength(0);
  });

  it("goes to a wallet, whose provider says when it is claimed", () => {
    const world = new SmallWorld(make);
    const payer = world.ta(1_000n);
    const shop = world.bank.wallet(world.provider);
    const challenge = world.random.bytes(8);
    payer.pay(signRequest(holderOf(shop), { x: 10n, r: 1, challenge }));
    const outcome = signProviderOutcome(world.provider, {
      kind: "claimed",
      sender: payer.id,
      j: counter(1),
      amount: amount(10n),
      receiver: shop.id,
    });
    payer.do("Settle", { outcome });
    expect(payer.state.payments).toHaveLength(0);
    expect(payer.balance).toBe(990n);
  });

  it("comes back as a refund when the request was cancelled", () => {
    const world = new SmallWorld(make);
    const payer = world.ta(1_000n);
    const payee = world.ta();
    const payment = payer.pay(payee.ask(300n));
    const outcome = payee.do("CancelRequest", { r: counter(1) });
    expect(payee.refusal("Collect", { payment })).toBe("request-void");
    expect(payer.refusal("Settle", { outcome })).toBe("refund-due");
  });
});
