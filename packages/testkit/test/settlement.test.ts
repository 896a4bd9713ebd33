import { isBalanced as isBankBalanced } from "@bezant/central-bank";
import {
  amount,
  claimAnswer,
  concatBytes,
  counter,
  decode,
  decodeSequence,
  institutionId,
  keyIdOf,
  MAX_MESSAGE,
  outcome,
  payment,
  paymentContext,
  seconds,
  signCertificate,
  taIdOf,
  unwrap,
  type Chain,
  type Claims,
  type Payment,
  type Seconds,
  type SyncSigner,
  type TaId,
  type WalletId,
} from "@bezant/protocol";
import { isBalanced } from "@bezant/provider";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import {
  CrashPlan,
  createNetwork,
  EUR,
  newSigner,
  START,
  type Network,
  type NetworkCentralBank,
  type Party,
} from "../src/index.ts";

// Nothing here waits for a time: on a busy machine databases and servers take theirs to start again.
vi.setConfig({ testTimeout: 900_000, hookTimeout: 900_000 });

const RESERVES = 50_000_000n;

let network: Network;
let bank: NetworkCentralBank;
let alice: Party;
let bob: Party;
let shop: Party;

beforeAll(async () => {
  network = await createNetwork({ providers: ["alpha", "beta"], reserves: RESERVES });
  bank = network.centralBank!;
  alice = await network.party({ at: "alpha", offline: 5000n, online: 5000n });
  bob = await network.party({ at: "beta", device: true });
  shop = await network.party({ at: "beta" });
});
afterAll(() => network.close());

const providers = () => [network.provider("alpha"), network.provider("beta")];

async function settleAll(): Promise<void> {
  for (const provider of providers()) expect(await provider.settle()).toMatchObject({ failed: [] });
}

/** From hand to hand, with nobody else. @returns the payment */
async function payOffline(payer: Party, payee: Party, x: bigint): Promise<Uint8Array> {
  const terms = { amount: amount(x), withChain: true };
  const asked = unwrap(await payee.wallet.requestPayment(terms));
  const paid = unwrap(await payer.wallet.pay(asked.message));
  const received = unwrap(await payee.wallet.receive(paid.message));
  unwrap(await payer.wallet.settle(received.outcome));
  return paid.message;
}

/** Alice of alpha pays bob's device and the shop, both of beta; both bring the money online there. */
async function crossOffline(x: bigint): Promise<void> {
  await payOffline(alice, bob, x);
  unwrap(await bob.wallet.withdraw({ amount: amount(x) }));
  await payOffline(alice, shop, x);
  unwrap(await shop.wallet.claim());
}

// Whatever has happened: once everything has settled, every unit that was issued is somewhere, once.
afterEach(async () => {
  for (const _ of [1, 2]) await settleAll();
  await bank.closeWindow();
  await settleAll();
  const supply = await bank.audit();
  expect(isBankBalanced(supply)).toBe(true);
  expect(supply.loss).toBe(0n);
  let [held, offline, interbank] = [0n, 0n, 0n];
  for (const provider of providers()) {
    const own = await provider.audit();
    expect(own.mismatches).toEqual([]);
    expect(isBalanced(own)).toBe(true);
    const { online, suspense, reserves, loss } = own.balances;
    const there = supply.providers.find((one) => one.provider === provider.id)!;
    expect(there).toMatchObject({ loss: 0n, pendingOutward: 0n, pendingInward: 0n });
    // What it has lost is its own.
    expect(own.position.free).toBe(RESERVES + reserves + loss);
    expect(there.reserves + there.prefund).toBe(online + suspense + own.position.free!);
    held += online + suspense + own.position.free!;
    offline += own.balances.offline;
    interbank += own.balances.interbank;
  }
  expect({ offline, interbank }).toEqual({ offline: supply.circulation, interbank: 0n });
  expect(supply.issuance).toBe(held + supply.circulation);
});

describe("between the clients of two providers, with a real central bank", () => {
  test("an offline payment that is withdrawn or claimed at the other provider ends settled", async () => {
    await crossOffline(100n);
    const before = (await bank.audit()).providers.find(({ provider }) => provider === "beta")!;
    await settleAll();
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
    for (const _ of [1, 2]) await settleAll();
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
    await crossOffline(10n);
    const terms = { amount: amount(20n), receiver: await shop.id() };
    const provider = network.provider("beta").id;
    const paid = unwrap(await alice.wallet.payOnline({ ...terms, provider }));
    expect(paid).toMatchObject({ state: "pending" });
    const { failed } = await network.provider("alpha").settle();
    expect(failed[0]).toMatchObject({ refusal: { code: "settlement-unreachable" } });
    await bank.start();
    await settleAll();
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
      await crossOffline(3n);
      bank.crashAfter(answers);
      unwrap(await alice.wallet.payOnline({ amount: amount(2n), receiver, provider }));
      for (const one of providers()) {
        await one.settle();
        await one.stop();
        await one.start();
      }
      unwrap(await alice.wallet.resume());
    }
    bank.crashAfter(-1);
    for (const _ of [1, 2]) await settleAll();
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
    if (round % 4 === 0) await crossOffline(1n);
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
      for (const one of providers()) await one.settleCrashing(new CrashPlan(), crashing.link);
      await crashing.closeWindow();
    }, plan);
    expect(steps).toBeGreaterThan(12);
    await settleAll();
    await bank.repeatReports();
    await crashing.close();
  });

  test("a provider that is down for several windows", async () => {
    for (let window = 0; window < 3; window += 1) {
      await crossOffline(2n);
      expect(await network.provider("alpha").settle()).toMatchObject({ failed: [] });
      await bank.closeWindow();
    }
    // Beta's claims were honoured, although the central bank has heard of none.
    expect(await network.provider("beta").settle()).toMatchObject({ reports: 1, failed: [] });
    await bank.repeatReports();
  });
});

describe("a provider that was restored from a backup older than its last report", () => {
  const forgotten = async (id: string) => (await network.provider(id).audit()).position.forgotten;
  const syncTwice = async (party: Party): Promise<void> => {
    // The first brings the device's time forward, the second the lost history back.
    for (const _ of [1, 2]) unwrap(await party.wallet.sync());
  };

  test("goes on after its last report, and reports what comes back only where it was not reported", async () => {
    const alpha = network.provider("alpha");
    await settleAll();
    const backup = await alpha.backUp();
    const before = (await bank.audit()).providers.find(({ provider }) => provider === "alpha")!;
    unwrap(await alice.wallet.deposit({ amount: amount(200n) }));
    await settleAll();
    unwrap(await alice.wallet.withdraw({ amount: amount(40n) }));
    await settleAll();
    await bank.closeWindow();
    // Not reported before the loss.
    unwrap(await alice.wallet.deposit({ amount: amount(30n) }));
    network.clock.pass(60);
    await alpha.restore(backup, false);
    const { failed } = await alpha.settle();
    expect(failed).toMatchObject([{ step: "reports", refusal: { code: "report-conflict" } }]);
    await alpha.restore(backup);
    await settleAll();
    expect(await forgotten("alpha")).toEqual({ outward: 200n, inward: 40n });
    const { deposits } = (await alpha.audit()).position;
    // Others' deposits, before anybody has synchronised, neither use up the allowance twice nor count twice.
    const other = await network.party({ at: "alpha", offline: 50n });
    await settleAll();
    expect(await forgotten("alpha")).toEqual({ outward: 150n, inward: 40n });
    expect((await alpha.audit()).position.deposits.used).toBe(deposits.used + 50n);
    await syncTwice(alice);
    await settleAll();
    expect(await forgotten("alpha")).toEqual({ outward: 0n, inward: 0n });
    const after = (await bank.audit()).providers.find(({ provider }) => provider === "alpha")!;
    expect(after.outward - before.outward).toBe(200n + 30n + 50n);
    expect(after.inward - before.inward).toBe(40n);
    expect((await alpha.audit()).position.deposits.used).toBe(deposits.used + 50n + 30n);
    unwrap(await other.wallet.withdraw({ amount: amount(50n) }));
  });

  test("takes claims and withdrawals again that it had reported, restored twice, and with no central bank for a while", async () => {
    const beta = network.provider("beta");
    await settleAll();
    const backup = await beta.backUp();
    const brought = await payOffline(alice, shop, 100n);
    unwrap(await shop.wallet.claim());
    await payOffline(alice, bob, 60n);
    unwrap(await bob.wallet.withdraw({ amount: amount(60n) }));
    await settleAll();
    network.clock.pass(60);
    for (const isBankDown of [false, true]) {
      await beta.restore(backup);
      if (isBankDown) await bank.stop();
      expect((await beta.settle()).failed.length > 0).toBe(isBankDown);
      if (isBankDown) await bank.start();
      await settleAll();
      expect(await forgotten("beta")).toEqual({ outward: 0n, inward: 160n });
    }
    const claimed = await fetch(`${beta.url}/v1/clients/${await shop.id()}/claims`, {
      method: "POST",
      headers: { "content-type": "application/cose" },
      body: new Uint8Array(brought),
    });
    expect(claimed.status).toBe(200);
    expect(await forgotten("beta")).toEqual({ outward: 0n, inward: 160n });
    await settleAll();
    expect(await forgotten("beta")).toEqual({ outward: 0n, inward: 60n });
    await syncTwice(bob);
  });

  test("gives up what never comes back as a loss of its own, and takes the loss back when it does", async () => {
    const alpha = network.provider("alpha");
    const lost = await network.party({ at: "alpha", offline: 10n, online: 500n });
    await settleAll();
    const backup = await alpha.backUp();
    const outward = async () =>
      (await bank.audit()).providers.find(({ provider }) => provider === "alpha")!.outward;
    const before = await outward();
    unwrap(await lost.wallet.deposit({ amount: amount(200n) }));
    await settleAll();
    await bank.closeWindow();
    network.clock.pass(60);
    await alpha.restore(backup);
    await settleAll();
    const gone = async () => (await alpha.audit()).position.lost;
    expect(await gone()).toEqual({ missing: 200n, writtenOff: 0n });
    await network.party({ at: "alpha", offline: 50n });
    await settleAll();
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
    await settleAll();
    // What was set off against it is reported now.
    expect(await forgotten("alpha")).toEqual({ outward: 0n, inward: 0n });
    expect(await outward()).toBe(before + 250n);
    await bank.closeWindow();
    await settleAll();
    expect((await alpha.audit()).position.free).toBe(
      RESERVES + (await alpha.audit()).balances.reserves - 200n,
    );

    for (const party of [lost, alice]) await syncTwice(party);
    expect(await gone()).toEqual({ missing: 0n, writtenOff: 0n });
    expect((await alpha.audit()).balances.loss).toBe(0n);
    expect(await alpha.online(await lost.id())).toBe(300n);
    await settleAll();
    expect(await outward()).toBe(before + 250n);
  });

  test("books payments to other providers again that it has forgotten, and what no balance covers as its loss", async () => {
    const [alpha, beta] = [network.provider("alpha"), network.provider("beta")];
    const poor = await network.party({ at: "alpha" });
    await settleAll();
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
    await settleAll();
    await settleAll();
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
    for (const _ of [1, 2]) await settleAll();
    expect(await alpha.online(await alice.id())).toBe(online - 70n);
    expect((await audit()).interbank).toBe(before.interbank + 70n + 50n + 20n);
    await bank.closeWindow();
    await settleAll();
    const { free } = (await alpha.audit()).position;
    expect(free).toBe(RESERVES + (await audit()).reserves + (await audit()).loss + 1000n);
    await bank.redeem(alpha.id, 1000n);
    await syncTwice(alice);
  });
});

describe("a provider's key that was stolen, and is revoked since then", () => {
  const alpha = () => network.provider("alpha");
  let carol: Party;
  let stolen: SyncSigner;
  let since: Seconds;
  let taken = 100;

  /** What its thief signs: a payment of a TA that the key certified, as it says, long ago. */
  function forge(receiver: WalletId): Uint8Array {
    const ta = newSigner();
    const claims: Claims = {
      role: "ta",
      iss: alpha().id,
      currency: EUR,
      key: ta.publicKey.compressed,
      serial: 1,
      nbf: START,
      exp: seconds(START + 86_400),
      limitsProfile: 1,
      securityLevel: 3,
    };
    const sender = taIdOf(ta.publicKey);
    const content: Payment = {
      amount: amount(1000n),
      receiver,
      receiverClass: "wallet",
      j: counter(1),
      r: counter(1),
      challenge: new Uint8Array(8),
      time: START,
      type: "basic",
    };
    const context = paymentContext({ currency: EUR, home: alpha().id, sender, receiver });
    const certificate = signCertificate(claims, stolen);
    return payment.sign(content, context, ta, { certificate, chain: chainOfStolen });
  }
  let chainOfStolen: Chain;

  const postTo = (path: string, type: string, body: Uint8Array): Promise<Response> =>
    fetch(network.provider("beta").url + path, {
      method: "POST",
      headers: { "content-type": type },
      body: new Uint8Array(body),
    });
  /** What beta answers to each of these payments, brought at once. */
  async function claimAll(...payments: Uint8Array[]): Promise<string[]> {
    const response = await postTo("/v1/claims", "application/cbor-seq", concatBytes(...payments));
    const bytes = new Uint8Array(await response.arrayBuffer());
    const answers = unwrap(decodeSequence(bytes, { maxItems: 9, maxItemSize: 2 * MAX_MESSAGE }));
    return answers.map((answer) => {
      const { kind, value } = unwrap(decode(claimAnswer, answer));
      return kind === "refused" ? value : unwrap(outcome.parse(value)).payload.kind;
    });
  }
  async function claimOne(message: Uint8Array): Promise<string> {
    const path = `/v1/clients/${await shop.id()}/claims`;
    const response = await postTo(path, "application/cose", message);
    if (response.ok) return "claimed";
    return ((await response.json()) as { code: string }).code;
  }
  /** From a payer whose payment nobody has brought yet. */
  async function owed(payer: Party, x: bigint): Promise<Uint8Array> {
    const asked = unwrap(await shop.wallet.requestPayment({ amount: amount(x), withChain: true }));
    return unwrap(await payer.wallet.pay(asked.message)).message;
  }
  const paid: Record<string, Uint8Array> = {};

  beforeAll(async () => {
    await payOffline(alice, bob, 10n);
    await settleAll();
    // Carol's device is certified before the theft, and not reported yet.
    carol = await network.party({ at: "alpha", offline: 500n });
    stolen = alpha().key;
    chainOfStolen = alpha().chain();
    since = network.clock.now();
    network.clock.pass(400);
    for (const [name, payer] of Object.entries({ alice, carol }))
      paid[name] = await owed(payer, 10n);
    paid["bob"] = await owed(bob, 3n);
    const list = network.institutions.revoke(++taken, [[keyIdOf(stolen.publicKey), since]]);
    expect((await postTo("/v1/institutions", "application/cbor-seq", list)).status).toBe(200);
    alpha().rollOver();
    await alpha().stop();
    await alpha().start();
  });

  test("nobody is believed by the date that the key has signed while the central bank cannot be asked, others are", async () => {
    bank.isAway = true;
    const before = await network.provider("beta").online(await shop.id());
    const answers = await claimAll(paid["alice"]!, paid["bob"]!, forge(await shop.id()));
    expect(answers).toEqual(["issuer-unconfirmed", "claimed", "issuer-unconfirmed"]);
    expect(await claimOne(paid["alice"]!)).toBe("issuer-unconfirmed");
    expect(await network.provider("beta").online(await shop.id())).toBe(before + 3n);
    bank.isAway = false;
    network.clock.pass(10);
  });

  test("whom a report named before is honoured, everybody else waits for the operator", async () => {
    const receiver = await shop.id();
    const before = await network.provider("beta").online(receiver);
    const forged = forge(receiver);
    expect(await claimAll(forged, paid["alice"]!, paid["carol"]!)).toEqual([
      "claim-in-review",
      "claimed",
      "claim-in-review",
    ]);
    for (const one of [forged, paid["carol"]!]) expect(await claimOne(one)).toBe("claim-in-review");
    expect(await network.provider("beta").online(receiver)).toBe(before + 10n);
    const sender = await carol.ta();
    await network.provider("beta").releaseClaim(receiver, sender, 1);
    expect(await claimOne(paid["carol"]!)).toBe("claimed");
    expect(await network.provider("beta").online(receiver)).toBe(before + 20n);
  });

  test("what the central bank has said once is not asked again", async () => {
    const again = await owed(alice, 5n);
    const forged = forge(await shop.id());
    expect(await claimOne(forged)).toBe("claim-in-review");
    await network.provider("beta").stop();
    await network.provider("beta").start();
    bank.isAway = true;
    expect(await claimAll(again, forged)).toEqual(["claimed", "claim-in-review"]);
    bank.isAway = false;
  });

  test("a report that names a certificate after the revocation does not help it", async () => {
    const late = await owed(carol, 7n);
    await settleAll();
    expect(await claimOne(late)).toBe("claim-in-review");
    await network.provider("beta").releaseClaim(await shop.id(), await carol.ta(), 2);
    expect(await claimOne(late)).toBe("claimed");
  });
});

describe("an intermediary's key that was stolen, and is revoked since then", () => {
  const [alpha, beta] = [() => network.provider("alpha"), () => network.provider("beta")];
  let stall: Party;
  let since: Seconds;
  /** Payments of the clients of beta, which reported in time, and of providers that the thief has made. */
  const payments: Record<string, Uint8Array> = {};
  /** How beta's client knows that a payment came back. */
  let declined: TaId;

  /** A provider that the thief certified, and a payment of a device that this provider certified. */
  function forge(
    nbf: Seconds,
    { receiver, x }: { readonly receiver: WalletId; readonly x: bigint },
  ) {
    const [provider, ta] = [newSigner(), newSigner()];
    const validity = { nbf, exp: seconds(nbf + 86_400) };
    const [id, currency] = [institutionId("gamma"), EUR];
    const chain = network.institutions.certifyBelow({
      role: "provider",
      iss: institutionId("inter"),
      sub: id,
      currency,
      key: provider.publicKey.compressed,
      serial: 1,
      ...validity,
    });
    const certificate = signCertificate(
      {
        role: "ta",
        iss: id,
        currency,
        key: ta.publicKey.compressed,
        serial: 1,
        limitsProfile: 1,
        securityLevel: 3,
        ...validity,
      },
      provider,
    );
    const sender = taIdOf(ta.publicKey);
    const content: Payment = {
      amount: amount(x),
      receiver,
      receiverClass: "wallet",
      j: counter(1),
      r: counter(1),
      challenge: new Uint8Array(8),
      time: START,
      type: "basic",
    };
    const context = paymentContext({ currency, home: id, sender, receiver });
    return payment.sign(content, context, ta, { certificate, chain });
  }
  const post = (url: string, type: string, body: Uint8Array): Promise<Response> =>
    fetch(url, { method: "POST", headers: { "content-type": type }, body: new Uint8Array(body) });
  /** What alpha answers to its client. */
  async function claim(name: string): Promise<string> {
    const path = `/v1/clients/${await stall.id()}/claims`;
    const answer = await post(alpha().url + path, "application/cose", payments[name]!);
    return answer.ok ? "claimed" : ((await answer.json()) as { code: string }).code;
  }

  beforeAll(async () => {
    stall = await network.party({ at: "alpha" });
    await payOffline(alice, bob, 40n);
    await settleAll();
    since = network.clock.now();
    network.clock.pass(400);
    // Signed after the revocation, under certificates of before it.
    const pay = async (x: bigint): Promise<Uint8Array> => {
      const terms = { amount: amount(x), withChain: true };
      const asked = unwrap(await stall.wallet.requestPayment(terms));
      return unwrap(await bob.wallet.pay(asked.message)).message;
    };
    payments["bob"] = await pay(11n);
    const { sender, j } = unwrap(await stall.wallet.receive(await pay(7n)));
    const { outcome: never } = unwrap(await stall.wallet.decline({ sender, j }));
    unwrap(await bob.wallet.settle(never));
    declined = sender;
    const receiver = await stall.id();
    payments["forged"] = forge(START, { receiver, x: 1000n });
    payments["late"] = forge(seconds(since + 1), { receiver, x: 1000n });
    const list = network.institutions.revokeIntermediary(1, since);
    for (const { url } of [alpha(), beta()]) {
      const brought = await post(`${url}/v1/institutions`, "application/cbor-seq", list);
      expect(brought.status).toBe(200);
    }
  });

  test("keeps claims and refunds waiting while nobody can say who was reported in time", async () => {
    bank.isAway = true;
    const before = await alpha().online(await stall.id());
    expect(await claim("bob")).toBe("issuer-unconfirmed");
    expect(await claim("forged")).toBe("issuer-unconfirmed");
    expect(await claim("late")).toBe("issuer-revoked");
    expect(await bob.wallet.refund()).toMatchObject({
      error: { code: "issuer-unconfirmed", pending: true },
    });
    expect(await alpha().online(await stall.id())).toBe(before);
    bank.isAway = false;
    network.clock.pass(10);
  });

  test("leaves the money of its providers' clients as good as before, and nobody else's", async () => {
    const [before, held] = [await alpha().online(await stall.id()), await bob.offline()];
    expect(await claim("bob")).toBe("claimed");
    expect(await claim("forged")).toBe("claim-in-review");
    expect(await claim("late")).toBe("issuer-revoked");
    expect(await alpha().online(await stall.id())).toBe(before + 11n);
    expect(unwrap(await bob.wallet.refund())).toEqual({ count: 1, amount: 7n, refused: [] });
    expect(await bob.offline()).toBe(held + 7n);
    expect(declined).toBe(await bob.ta());
  });
});
