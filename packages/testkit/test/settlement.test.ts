import { amount, unwrap } from "@bezant/protocol";
import { describe, expect, test, vi } from "vitest";
import { CrashPlan, type Network, type NetworkCentralBank, type Party } from "../src/index.ts";
import {
  crossOffline,
  providersOf,
  settleAll,
  useTwoProviders,
  type Scene,
} from "./support/two-providers.ts";

// Nothing here waits for a time: on a busy machine databases and servers take theirs to start again.
vi.setConfig({ testTimeout: 900_000, hookTimeout: 900_000 });

let network: Network;
let bank: NetworkCentralBank;
let alice: Party;
let bob: Party;
let shop: Party;
let scene: Scene;
useTwoProviders((made) => {
  scene = made;
  ({ network, bank, alice, bob, shop } = made);
});

describe("between the clients of two providers, with a real central bank", () => {
  test("an offline payment that is withdrawn or claimed at the other provider ends settled", async () => {
    await crossOffline(scene, 100n);
    const before = (await bank.audit()).providers.find(({ provider }) => provider === "beta")!;
    await settleAll({ network });
    await bank.closeWindow();
    const after = (await bank.audit()).providers.find(({ provider }) => provider === "beta")!;
    expect(after.reserves - before.reserves).toBe(200n);
  });

  test("an online payment arrives, or comes back and the wallet's history says why", async () => {
    const [there, gone] = [await shop.id(), await network.party({ at: "alpha" })];
    const provider = network.provider("beta").id;
    const terms = { amount: amount(70n), receiver: there, provider };
    expect(unwrap(await alice.wallet.payOnline(terms))).toMatchObject({ state: "settled" });
    // Beta has no such client: it is one of alpha's.
    const nobody = { ...terms, receiver: await gone.id() };
    expect(unwrap(await alice.wallet.payOnline(nobody))).toMatchObject({ state: "settled" });
    for (const _ of [1, 2]) await settleAll({ network });
    unwrap(await alice.wallet.resume());
    const paid = unwrap(await alice.wallet.history()).filter(({ kind }) => kind === "paid-online");
    const to = (id: string) => paid.find((one) => "receiver" in one && one.receiver === id);
    expect(to(there)).toMatchObject({ state: "settled", provider: "beta" });
    expect(to(nobody.receiver)).toMatchObject({
      state: "returned",
      provider: "beta",
      reason: "unknown-client",
    });
  });

  test("whoever paid offline learns at a sync how it ended, once the payee's provider can be asked", async () => {
    const [beta, x] = [network.provider("beta"), amount(9n)];
    /** Paid, and heard no more of. */
    const pay = async (payee: Party) => {
      const asked = unwrap(await payee.wallet.requestPayment({ amount: x, withChain: true }));
      const { message } = unwrap(await alice.wallet.pay(asked.message));
      unwrap(await payee.wallet.receive(message));
    };
    const sync = async () => {
      const { settled, unreachable } = unwrap(await alice.wallet.sync());
      return { settled, unreachable };
    };
    // What she paid in other tests.
    expect(await sync()).toMatchObject({ unreachable: 0 });
    for (const payee of [shop, bob]) await pay(payee);
    await beta.stop();
    expect(await sync()).toEqual({ settled: 0, unreachable: 2 });
    await beta.start();
    expect(await sync()).toEqual({ settled: 0, unreachable: 0 });
    unwrap(await shop.wallet.claim());
    expect(await sync()).toEqual({ settled: 1, unreachable: 0 });
    unwrap(await bob.wallet.sync());
    expect(await sync()).toEqual({ settled: 1, unreachable: 0 });
    const paid = unwrap(await alice.wallet.history()).filter((one) => one.amount === x);
    expect(paid.map((one) => "state" in one && one.state)).toEqual(["settled", "settled"]);
    unwrap(await bob.wallet.withdraw({ amount: x }));
  });

  test("waits where the central bank is down, and is carried on when it is back", async () => {
    await bank.stop();
    await crossOffline(scene, 10n);
    const terms = { amount: amount(20n), receiver: await shop.id() };
    const provider = network.provider("beta").id;
    const paid = unwrap(await alice.wallet.payOnline({ ...terms, provider }));
    expect(paid).toMatchObject({ state: "pending" });
    const { failed } = await network.provider("alpha").settle();
    expect(failed[0]).toMatchObject({ refusal: { code: "settlement-unreachable" } });
    await bank.start();
    await settleAll({ network });
    unwrap(await alice.wallet.resume());
    const history = unwrap(await alice.wallet.history());
    const sent = history.filter(({ kind, amount: x }) => kind === "paid-online" && x === 20n);
    expect(sent).toMatchObject([{ state: "settled" }]);
  });

  test("a central bank that ends before it has answered, and providers that start anew, lose and double nothing", async () => {
    const provider = network.provider("beta").id;
    const receiver = await shop.id();
    const before = await network.provider("beta").online(receiver);
    for (let answers = 0; answers < 3; answers += 1) {
      await crossOffline(scene, 3n);
      bank.crashAfter(answers);
      unwrap(await alice.wallet.payOnline({ amount: amount(2n), receiver, provider }));
      for (const one of providersOf({ network })) {
        await one.settle();
        await one.stop();
        await one.start();
      }
      unwrap(await alice.wallet.resume());
    }
    bank.crashAfter(-1);
    for (const _ of [1, 2]) await settleAll({ network });
    expect(await network.provider("beta").online(receiver)).toBe(before + 3n * (3n + 2n));
  });
});

describe("cut off after any of its writes and answers, and carried on by another process, nothing is lost and nothing counts twice:", () => {
  /** Something of everything that settles: money that went offline, came back at the other provider, and was paid online. */
  async function move(round: number): Promise<void> {
    unwrap(await alice.wallet.deposit({ amount: amount(4n) }));
    bank.isAway = true;
    const [receiver, provider] = [await shop.id(), network.provider("beta").id];
    const sent = unwrap(await alice.wallet.payOnline({ amount: amount(1n), receiver, provider }));
    expect(sent).toMatchObject({ state: "pending" });
    bank.isAway = false;
    if (round % 4 === 0) await crossOffline(scene, 1n);
  }

  /** Crashes at every step there is, until a run comes through. @returns how many steps it has */
  async function atEveryStep(
    run: (plan: CrashPlan) => Promise<void>,
    plan = new CrashPlan(),
  ): Promise<number> {
    for (let at = 0; ; at += 1) {
      await move(at);
      plan.plan(at);
      await run(plan);
      if (!plan.hasCrashed()) return at;
    }
  }

  test.each(["alpha", "beta"])("provider %s", async (id) => {
    const steps = await atEveryStep(async (plan) => {
      await network.provider(id).settleCrashing(plan);
    });
    expect(steps).toBeGreaterThan(12);
  });

  test("the central bank, with reports that come twice and in another order", async () => {
    const plan = new CrashPlan();
    const crashing = await bank.crashing(plan);
    const steps = await atEveryStep(async () => {
      for (const one of providersOf({ network }))
        await one.settleCrashing(new CrashPlan(), crashing.link);
      await crashing.closeWindow();
    }, plan);
    expect(steps).toBeGreaterThan(12);
    await settleAll({ network });
    await bank.repeatReports();
    await crashing.close();
  });

  test("a provider that is down for several windows", async () => {
    for (let window = 0; window < 3; window += 1) {
      await crossOffline(scene, 2n);
      expect(await network.provider("alpha").settle()).toMatchObject({ failed: [] });
      await bank.closeWindow();
    }
    // Beta's claims were honoured, although the central bank has heard of none.
    expect(await network.provider("beta").settle()).toMatchObject({ reports: 1, failed: [] });
    await bank.repeatReports();
  });
});
