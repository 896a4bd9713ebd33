import { attach, unwrap } from "@bezant/protocol";
import { describe, expect, test } from "vitest";
import { comeToRest, expectConservation, settleWell, useSettled } from "./support/world/settled.ts";

const settled = useSettled();
expectConservation(settled);

/** A client of alpha pays a wallet of beta offline, which claims it there. */
async function payAcross(x: bigint): Promise<void> {
  const { alpha, beta } = settled();
  const [, ta] = await alpha.world.walletWithTa(x + 50n, x + 20n);
  const payee = await beta.world.wallet();
  const payment = ta.pay(payee.payee, x);
  const carried = unwrap(attach(payment, { certificate: ta.certificate, chain: ta.chain }));
  expect((await payee.post("claims", carried)).code()).toBe("ok");
  expect(await payee.online()).toBe(x);
}

describe("settlement", () => {
  test("brings money that crossed offline into the reserves of the payee's provider, when the window closes", async () => {
    const { bank, alpha, beta } = settled();
    const before = bank.of(beta.world.id).reserves;
    await payAcross(30n);
    await settleWell(alpha);
    const { reports } = await settleWell(beta);
    expect(reports).toBe(1);
    expect(bank.of(beta.world.id).reserves).toBe(before);
    bank.closeWindow();
    expect(bank.of(beta.world.id).reserves).toBe(before + 30n);
    // Nothing has moved, so there is nothing to report.
    expect((await settleWell(beta)).reports).toBe(0);
  });

  test("a provider that was down for several windows reports all of it at once, and counts once", async () => {
    const { bank, alpha, beta } = settled();
    for (let window = 0; window < 3; window += 1) {
      await payAcross(10n);
      await settleWell(alpha);
      bank.closeWindow();
    }
    // Beta's claims are honoured, although nobody has told of them yet.
    expect((await settleWell(beta)).reports).toBe(1);
  });

  test("lost messages, lost answers and messages that come twice do no harm", async () => {
    const { bank, alpha, beta } = settled();
    for (const fault of ["lose-request", "lose-answer", "repeat"] as const) {
      for (let at = 0; at < 6; at += 1) {
        await payAcross(1n);
        for (const { faults, settle } of [alpha, beta]) {
          faults.push(...Array.from({ length: at }, () => "none" as const), fault);
          await settle();
          faults.length = 0;
        }
      }
    }
    await comeToRest(settled());
    expect(bank.conflicts).toEqual([]);
  });

  test("several servers of one provider may settle at once", async () => {
    const { alpha } = settled();
    for (let round = 0; round < 4; round += 1) {
      await payAcross(3n);
      for (const done of await Promise.all([1, 2, 3].map(() => alpha.settle()))) {
        expect(done?.failed).toEqual([]);
      }
    }
  });

  test("a provider that crashes at any step goes on from there", { timeout: 300_000 }, async () => {
    const { alpha } = settled();
    await payAcross(5n);
    alpha.crashes.clear();
    await settleWell(alpha);
    const places = alpha.crashes.passed;
    expect(places).toBeGreaterThan(15);
    for (const when of ["before", "after"] as const) {
      for (let at = 0; at < places; at += 1) {
        const [wallet, ta] = await alpha.world.walletWithTa(20n, 7n);
        await wallet.withdraw(ta, 2n);
        alpha.crashes.plan(at, when);
        expect(await alpha.settle()).toBeUndefined();
        alpha.crashes.clear();
        await settleWell(alpha);
      }
    }
  });
});
