import { amount, unwrap } from "@bezant/protocol";
import { describe, expect, test, vi } from "vitest";
import { CrashPlan, type Network, type NetworkCentralBank, type Party } from "../src/index.ts";
import { payOffline, RESERVES, settleAll, useTwoProviders } from "./support/two-providers.ts";

// Nothing here waits for a time: on a busy machine databases and servers take theirs to start again.
vi.setConfig({ testTimeout: 900_000, hookTimeout: 900_000 });

let network: Network;
let bank: NetworkCentralBank;
let alice: Party;
let bob: Party;
let shop: Party;
useTwoProviders((made) => {
  ({ network, bank, alice, bob, shop } = made);
});

describe("a provider that was restored from a backup older than its last report", () => {
  const forgotten = async (id: string) => (await network.provider(id).audit()).position.forgotten;
  const syncTwice = async (party: Party): Promise<void> => {
    // The first brings the device's time forward, the second the lost history back.
    for (const _ of [1, 2]) unwrap(await party.wallet.sync());
  };

  test("goes on after its last report, and reports what comes back only where it was not reported", async () => {
    const alpha = network.provider("alpha");
    await settleAll({ network });
    const backup = await alpha.backUp();
    const before = (await bank.audit()).providers.find(({ provider }) => provider === "alpha")!;
    unwrap(await alice.wallet.deposit({ amount: amount(200n) }));
    await settleAll({ network });
    unwrap(await alice.wallet.withdraw({ amount: amount(40n) }));
    await settleAll({ network });
    await bank.closeWindow();
    // Not reported before the loss.
    unwrap(await alice.wallet.deposit({ amount: amount(30n) }));
    network.clock.pass(60);
    await alpha.restore(backup, false);
    const { failed } = await alpha.settle();
    expect(failed).toMatchObject([{ step: "reports", refusal: { code: "report-conflict" } }]);
    await alpha.restore(backup);
    await settleAll({ network });
    expect(await forgotten("alpha")).toEqual({ outward: 200n, inward: 40n });
    const { deposits } = (await alpha.audit()).position;
    // Others' deposits, before anybody has synchronised, neither use up the allowance twice nor count twice.
    const other = await network.party({ at: "alpha", offline: 50n });
    await settleAll({ network });
    expect(await forgotten("alpha")).toEqual({ outward: 150n, inward: 40n });
    expect((await alpha.audit()).position.deposits.used).toBe(deposits.used + 50n);
    await syncTwice(alice);
    await settleAll({ network });
    expect(await forgotten("alpha")).toEqual({ outward: 0n, inward: 0n });
    const after = (await bank.audit()).providers.find(({ provider }) => provider === "alpha")!;
    expect(after.outward - before.outward).toBe(200n + 30n + 50n);
    expect(after.inward - before.inward).toBe(40n);
    expect((await alpha.audit()).position.deposits.used).toBe(deposits.used + 50n + 30n);
    unwrap(await other.wallet.withdraw({ amount: amount(50n) }));
  });

  test("takes claims and withdrawals again that it had reported, restored twice, and with no central bank for a while", async () => {
    const beta = network.provider("beta");
    await settleAll({ network });
    const backup = await beta.backUp();
    const brought = await payOffline(alice, shop, 100n);
    unwrap(await shop.wallet.claim());
    await payOffline(alice, bob, 60n);
    unwrap(await bob.wallet.withdraw({ amount: amount(60n) }));
    await settleAll({ network });
    network.clock.pass(60);
    for (const isBankDown of [false, true]) {
      await beta.restore(backup);
      if (isBankDown) await bank.stop();
      expect((await beta.settle()).failed.length > 0).toBe(isBankDown);
      if (isBankDown) await bank.start();
      await settleAll({ network });
      expect(await forgotten("beta")).toEqual({ outward: 0n, inward: 160n });
    }
    const claimed = await fetch(`${beta.url}/v1/clients/${await shop.id()}/claims`, {
      method: "POST",
      headers: { "content-type": "application/cose" },
      body: new Uint8Array(brought),
    });
    expect(claimed.status).toBe(200);
    expect(await forgotten("beta")).toEqual({ outward: 0n, inward: 160n });
    await settleAll({ network });
    expect(await forgotten("beta")).toEqual({ outward: 0n, inward: 60n });
    await syncTwice(bob);
  });

  test("gives up what never comes back as a loss of its own, and takes the loss back when it does", async () => {
    const alpha = network.provider("alpha");
    const lost = await network.party({ at: "alpha", offline: 10n, online: 500n });
    await settleAll({ network });
    const backup = await alpha.backUp();
    const outward = async () =>
      (await bank.audit()).providers.find(({ provider }) => provider === "alpha")!.outward;
    const before = await outward();
    unwrap(await lost.wallet.deposit({ amount: amount(200n) }));
    await settleAll({ network });
    await bank.closeWindow();
    network.clock.pass(60);
    await alpha.restore(backup);
    await settleAll({ network });
    const gone = async () => (await alpha.audit()).position.lost;
    expect(await gone()).toEqual({ missing: 200n, writtenOff: 0n });
    await network.party({ at: "alpha", offline: 50n });
    await settleAll({ network });
    expect(await outward()).toBe(before + 200n);

    const order = { orderId: new Uint8Array(16).fill(1), amount: amount(150n) };
    const tooMuch = { orderId: new Uint8Array(16).fill(2), amount: amount(201n) };
    expect(await alpha.writeOff(tooMuch)).toMatchObject({ error: { code: "not-forgotten" } });
    const plan = new CrashPlan();
    plan.plan(0);
    expect(await alpha.writeOff(order, plan)).toBeUndefined();
    expect(await alpha.writeOff(order)).toMatchObject({ ok: true });
    expect(await alpha.writeOff({ ...order, amount: amount(1n) })).toMatchObject({
      error: { code: "order-conflict" },
    });
    expect(await gone()).toEqual({ missing: 50n, writtenOff: 150n });
    const rest = { ...tooMuch, amount: amount(50n) };
    expect(await alpha.writeOff(rest)).toMatchObject({ ok: true });
    expect((await alpha.audit()).balances.loss).toBe(-200n);
    for (let at = 0; ; at += 4) {
      plan.plan(at);
      if ((await alpha.settleCrashing(plan)) !== undefined) break;
    }
    await settleAll({ network });
    // What was set off against it is reported now.
    expect(await forgotten("alpha")).toEqual({ outward: 0n, inward: 0n });
    expect(await outward()).toBe(before + 250n);
    await bank.closeWindow();
    await settleAll({ network });
    expect((await alpha.audit()).position.free).toBe(
      RESERVES + (await alpha.audit()).balances.reserves - 200n,
    );

    for (const party of [lost, alice]) await syncTwice(party);
    expect(await gone()).toEqual({ missing: 0n, writtenOff: 0n });
    expect((await alpha.audit()).balances.loss).toBe(0n);
    expect(await alpha.online(await lost.id())).toBe(300n);
    await settleAll({ network });
    expect(await outward()).toBe(before + 250n);
  });

  test("books payments to other providers again that it has forgotten, and what no balance covers as its loss", async () => {
    const [alpha, beta] = [network.provider("alpha"), network.provider("beta")];
    const poor = await network.party({ at: "alpha" });
    await settleAll({ network });
    const backup = await alpha.backUp();
    const audit = async () => (await alpha.audit()).balances;
    const [before, online] = [await audit(), await alpha.online(await alice.id())];
    const late = await network.party({ at: "alpha", online: 20n });
    await alpha.fund(await poor.id(), 50n);
    const terms = { receiver: await shop.id(), provider: beta.id };
    const pay = (payer: Party, x: bigint, receiver = terms.receiver) =>
      payer.wallet.payOnline({ ...terms, receiver, amount: amount(x) });
    // Alice does not hear that it has arrived, and will order it once more.
    bank.isAway = true;
    expect(unwrap(await pay(alice, 70n))).toMatchObject({ state: "pending" });
    bank.isAway = false;
    for (const [payer, x] of [
      [poor, 50n],
      [late, 20n],
    ] as const)
      unwrap(await pay(payer, x));
    // Beta has no such clients: of these one comes back before the restore, the other after it.
    unwrap(await pay(alice, 5n, await poor.id()));
    await settleAll({ network });
    await settleAll({ network });
    unwrap(await pay(alice, 6n, await poor.id()));
    network.clock.pass(60);
    await alpha.restore(backup);
    await bank.issue(alpha.id, 1000n);
    const plan = new CrashPlan();
    for (let at = 1; ; at += 3) {
      plan.plan(at);
      if ((await alpha.settleCrashing(plan)) !== undefined) break;
    }
    expect(await alpha.settle()).toMatchObject({ forgotten: 0, failed: [] });
    expect(await alpha.online(await alice.id())).toBe(online - 70n - 6n);
    expect((await audit()).loss).toBe(before.loss - 50n - 20n);
    // The same order again is the same payment.
    expect(unwrap(await alice.wallet.resume())).toEqual([]);
    expect(await alpha.online(await alice.id())).toBe(online - 70n - 6n);
    for (const _ of [1, 2]) await settleAll({ network });
    expect(await alpha.online(await alice.id())).toBe(online - 70n);
    expect((await audit()).interbank).toBe(before.interbank + 70n + 50n + 20n);
    await bank.closeWindow();
    await settleAll({ network });
    const { free } = (await alpha.audit()).position;
    expect(free).toBe(RESERVES + (await audit()).reserves + (await audit()).loss + 1000n);
    await bank.redeem(alpha.id, 1000n);
    await syncTwice(alice);
  });
});
