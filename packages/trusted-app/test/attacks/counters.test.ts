import { amount, counter, unwrap, withdrawal } from "@bezant/protocol";
import { describe, expect, it } from "vitest";
import { toBytes } from "../figure4/crypto.ts";
import { Abort } from "../figure4/ta.ts";
import { Figure4World } from "../figure4/world.ts";
import { MAKES } from "../world/makes.ts";
import { SmallWorld } from "../world/party.ts";
import { signAcknowledgement, signConfirmation } from "../world/signed.ts";

const ours = Object.entries(MAKES);

describe("a deposit that crosses a withdrawal", () => {
  it("destroys both on Figure 4: each side has passed the other one's i", () => {
    const world = new Figure4World();
    const { server } = world;
    const { vk, ta } = world.client(100);
    server.client(vk).onBal += 50;
    const deposit = server.deposit(vk, 50);
    const withdrawn = ta.withdraw(10);
    expect(() => ta.deposit(...deposit)).toThrow(Abort);
    expect(() => server.withdraw(vk, ...withdrawn)).toThrow(Abort);
    expect(ta.bal + server.client(vk).onBal).toBe(90); // 60 are nowhere
  });

  it.each(ours)("goes both ways with the %s TA: one sequence for each direction", (_, make) => {
    const world = new SmallWorld(make);
    const ta = world.ta(100n);
    const confirmation = signConfirmation(world.provider, ta.id, { d: 2, x: 50n });
    const message = ta.do("Withdraw", { amount: amount(10n) });
    ta.do("Deposit", { confirmation });
    expect(unwrap(withdrawal.parse(message)).payload).toMatchObject({ amount: 10n, w: 1 });
    expect(ta.balance).toBe(140n);
  });
});

describe("a withdrawal whose message is lost", () => {
  it("locks the account for ever on Figure 4", () => {
    const world = new Figure4World();
    const { vk, ta } = world.client(100);
    const { server } = world;
    ta.withdraw(10); // lost
    expect(() => server.withdraw(vk, ...ta.withdraw(20))).toThrow(Abort);
    server.client(vk).onBal = 50;
    expect(() => ta.deposit(...server.deposit(vk, 50))).toThrow(Abort);
    expect(ta.bal + server.client(vk).onBal).toBe(70); // of 150
  });

  it.each(ours)("is sent again by the %s TA, byte for byte, until acknowledged", (_, make) => {
    const world = new SmallWorld(make);
    const ta = world.ta(100n);
    const lost = ta.do("Withdraw", { amount: amount(10n) });
    ta.do("Withdraw", { amount: amount(20n) });
    expect(ta.do("Resend", { kind: "withdrawal", n: counter(1) })).toEqual(lost);
    ta.do("AckWithdraw", { acknowledgement: signAcknowledgement(world.provider, ta.id, 2) });
    expect(ta.state.withdrawals).toEqual([]);
  });
});

describe("a server restored from an old backup, which numbers a second deposit as it did the first", () => {
  it("is not noticed on Figure 4: the TA just never works again", () => {
    const world = new Figure4World();
    const { vk, ta } = world.client(100);
    const client = world.server.client(vk);
    client.i = 0; // the backup
    client.onBal = 50;
    expect(() => ta.deposit(...world.server.deposit(vk, 50))).toThrow(Abort);
    expect(ta.bal + client.onBal).toBe(100);
  });

  it.each(ours)("is named by the %s TA, which keeps the last confirmation's digest", (_, make) => {
    const world = new SmallWorld(make);
    const ta = world.ta(100n);
    const other = signConfirmation(world.provider, ta.id, { d: 1, x: 50n });
    expect(ta.refusal("Deposit", { confirmation: other })).toBe("deposit-conflict");
    const same = signConfirmation(world.provider, ta.id, { d: 1, x: 100n });
    expect(ta.refusal("Deposit", { confirmation: same })).toBe("ok");
    expect(ta.balance).toBe(100n);
  });
});

describe("a payment whose message is lost", () => {
  it("is destroyed on Figure 4, and asking again pays again", () => {
    const world = new Figure4World();
    const [payer, payee] = [world.client(100), world.client()];
    payer.ta.pay(40, payee.taCert); // lost
    const P = payer.ta.pay(40, payee.taCert);
    payee.ta.collect(P);
    expect(payer.ta.bal + payee.ta.bal).toBe(60);
  });

  it.each(ours)("is sent again by the %s TA, byte for byte, with one debit", (_, make) => {
    const world = new SmallWorld(make);
    const [payer, payee] = [world.ta(100n), world.ta()];
    const asked = payee.ask(40n);
    const lost = payer.pay(asked);
    expect(payer.pay(asked)).toEqual(lost);
    expect(payer.do("Resend", { kind: "payment", n: counter(1) })).toEqual(lost);
    payee.do("Collect", { payment: lost });
    expect([payer.balance, payee.balance]).toEqual([60n, 40n]);
  });
});

describe("a few thousand payments", () => {
  it("fill up the storage on Figure 4, whose log only grows", () => {
    const world = new Figure4World();
    const [payer, payee] = [world.client(1_000), world.client()];
    for (let i = 0; i < 100; i++) payee.ta.collect(payer.ta.pay(1, payee.taCert));
    const bytesEach = toBytes(payee.ta.inPaymentLog).length / 100;
    // "The RPMB partition is typically 4 MB in size."
    expect((4 * 1024 * 1024) / bytesEach).toBeLessThan(10_000);
  });

  it.each(ours)("leave the %s TA's state as large as it was", (_, make) => {
    const world = new SmallWorld(make);
    const [payer, payee] = [world.ta(1_000n), world.ta()];
    for (let i = 0; i < 60; i++) {
      const payment = payer.pay(payee.ask(1n));
      payer.do("Settle", { outcome: payee.do("Collect", { payment }) });
    }
    expect(payee.balance).toBe(60n);
    expect(payee.os.committed).toHaveLength(2_288);
    expect(payer.os.committed).toHaveLength(2_288);
  });
});
