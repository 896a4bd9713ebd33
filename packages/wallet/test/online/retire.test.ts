import { amount, unwrap } from "@bezant/protocol";
import { createNetwork, type Fault, type Network, type Party } from "@bezant/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Fetch } from "../../src/index.ts";
import { alive, interruptions, recover } from "../support/interruption.ts";

const X = amount(100n);

let network: Network;
let party: Party;
beforeAll(async () => {
  network = await createNetwork();
  party = await network.party({ device: true });
});
afterAll(() => network.close());

/** What the provider knows of a TA. */
async function statusOf(ta: string): Promise<string | undefined> {
  const { tas } = unwrap(await party.wallet.onlineBalance());
  return tas.find((one) => one.ta === ta)?.status;
}

async function phase(): Promise<string> {
  return unwrap(unwrap(await party.wallet.status()).device!).phase;
}

/** Interrupts it there. Afterwards the TA is at work, or the provider has its statement. */
async function attempt(at: number, fault: Fault): Promise<string> {
  // Of a client's many TAs a provider tries the keys of the latest ones.
  network.clock.pass(1);
  unwrap(await party.wallet.registerTa());
  const ta = await party.ta();
  party.faults.plan(at, fault);
  await alive(party, () => party.wallet.retire());
  expect(await recover(party)).toEqual([]);
  const after = await phase();
  expect(await statusOf(ta)).toBe(after);
  if (after === "active") unwrap(await party.wallet.retire());
  expect(await statusOf(ta)).toBe("retired");
  return after;
}

/** A network that loses requests to this address, or the answers to them. */
const losing =
  (what: "request" | "answer", path: string): Fetch =>
  async (url, request) => {
    const isLost = url.endsWith(path);
    if (isLost && what === "request") throw new Error("the request was lost");
    const response = await fetch(url, request);
    if (isLost) throw new Error("the answer was lost");
    return response;
  };

describe("retire", () => {
  it("brings the provider the TA's statement, wherever it is interrupted", async () => {
    party.faults.plan(Infinity, "full");
    unwrap(await party.wallet.retire());
    const all = interruptions(party.faults.passed);
    const phases = new Set<string>();
    for (const { at, place, fault } of all) {
      const after = await attempt(at, fault).catch((error: unknown) => {
        throw new Error(`${fault} at ${place} ${at}`, { cause: error });
      });
      phases.add(`${place}: ${after}`);
    }
    expect(phases).toContain("device: retired");
    expect(phases).toContain("device: active");
  });

  it("does not let the device be set up anew over a statement that nobody has", async () => {
    unwrap(await party.wallet.registerTa());
    const ta = await party.ta();
    party.faults.plan(1, "lost-after"); // after the journal's entry the device is called
    expect(await party.wallet.retire()).toMatchObject({
      error: { code: "device-interrupted", pending: true },
    });
    expect(await phase()).toBe("retired");
    expect(await party.wallet.registerTa()).toMatchObject({ error: { code: "unfinished" } });
    expect(await statusOf(ta)).toBe("active");
    expect(unwrap(await party.wallet.resume())).toEqual([]);
    expect(await statusOf(ta)).toBe("retired");
    unwrap(await party.wallet.registerTa());
    expect(await phase()).toBe("active");
  });
});

describe("what a TA that has retired leaves behind", () => {
  it("a payer who paid its cancelled request gets the money back on its word", async () => {
    const payee = await network.party({ device: true });
    const payer = await network.party({ offline: 1000n });
    const requested = unwrap(await payee.wallet.requestPayment({ amount: X }));
    const { message } = unwrap(await payer.wallet.pay(requested.message));
    unwrap(await payee.wallet.cancel({ payee: await payee.ta(), r: requested.r }));
    unwrap(await payee.wallet.retire());
    unwrap(await payee.wallet.registerTa());

    const late = await payee.wallet.receive(message);
    expect(late).toMatchObject({ error: { code: "request-void" } });
    const word = late.ok ? undefined : late.error.outcome;
    expect(unwrap(await payer.wallet.settle(word!)).verdict).toBe("refund-due");
    expect(unwrap(await payer.wallet.refund())).toMatchObject({ count: 1, amount: X });
    expect(await payer.offline()).toBe(1000n);
  });

  it("a payment that it collected is answered with its receipt again", async () => {
    const payee = await network.party({ device: true });
    const payer = await network.party({ offline: 1000n });
    const requested = unwrap(await payee.wallet.requestPayment({ amount: X }));
    const { message } = unwrap(await payer.wallet.pay(requested.message));
    const { outcome } = unwrap(await payee.wallet.receive(message));
    unwrap(await payee.wallet.withdraw({ amount: X }));
    unwrap(await payee.wallet.retire());
    unwrap(await payee.wallet.registerTa());
    expect(await payee.wallet.receive(message)).toMatchObject({
      value: { isRepeat: true, state: "collected", outcome },
    });
    const stranger = await network.party({ device: true });
    expect(await stranger.wallet.receive(message)).toMatchObject({
      error: { code: "wrong-audience" },
    });
  });

  it.each(["answer", "request"] as const)(
    "is told to its provider by an older store, too, before the device is set up anew (%s lost)",
    async (lost) => {
      const owner = await network.party({ offline: 1000n });
      unwrap(await owner.wallet.withdraw({ amount: amount(1000n) }));
      const [former, image] = [await owner.ta(), owner.disk.image()];
      const { online } = unwrap(await owner.wallet.onlineBalance());
      owner.kill();
      await owner.open({ fetch: losing("answer", "/deposits") });
      expect(await owner.wallet.deposit({ amount: X })).toMatchObject({ error: { pending: true } });
      unwrap(await owner.device!.connect().retire());
      owner.kill();
      owner.disk.restore(image);
      await owner.open({ fetch: losing(lost, "/retirements") });
      expect(unwrap(await owner.wallet.onlineBalance()).online).toBe(online - X);
      expect(await owner.wallet.registerTa()).toMatchObject({ error: { pending: true } });
      await owner.reopen();
      expect(unwrap(await owner.wallet.resume())).toEqual([]);
      const after = unwrap(await owner.wallet.onlineBalance());
      expect(after.online).toBe(online);
      expect(after.tas.find(({ ta }) => ta === former)?.status).toBe("retired");
      const ta = await owner.ta();
      expect(ta).not.toBe(former);
      expect(after.tas.find((one) => one.ta === ta)?.status).toBe("active");
    },
  );

  it("an older store's cancel does not reach the next TA's request of the same number", async () => {
    const payee = await network.party({ device: true });
    const former = await payee.ta();
    const { r } = unwrap(await payee.wallet.requestPayment({ amount: X }));
    const image = payee.disk.image();
    unwrap(await payee.wallet.cancel({ payee: former, r }));
    unwrap(await payee.wallet.retire());
    unwrap(await payee.wallet.registerTa());
    payee.kill();
    payee.disk.restore(image);
    await payee.open();
    unwrap(await payee.wallet.registerTa());
    const next = unwrap(await payee.wallet.requestPayment({ amount: X }));
    expect(next.r).toBe(r);

    expect(await payee.wallet.cancel({ payee: former, r })).toMatchObject({
      error: { code: "other-device" },
    });
    expect(unwrap(unwrap(await payee.wallet.status()).device!).open).toEqual([r]);
    expect(unwrap(await payee.wallet.resume())).toEqual([]);
  });

  it("an older store lets go of a deposit that its TA had reserved before it retired", async () => {
    const owner = await network.party({ offline: 1000n, online: 1000n });
    owner.kill();
    await owner.open({ fetch: losing("answer", "/deposits") });
    expect(await owner.wallet.deposit({ amount: X })).toMatchObject({ error: { pending: true } });
    const image = owner.disk.image();
    await owner.reopen();
    expect(unwrap(await owner.wallet.resume())).toEqual([]);
    expect(await owner.offline()).toBe(1000n + X);
    unwrap(await owner.wallet.withdraw({ amount: amount(1000n + X) }));
    unwrap(await owner.wallet.retire());
    unwrap(await owner.wallet.registerTa());
    owner.kill();
    owner.disk.restore(image);
    await owner.open();
    unwrap(await owner.wallet.registerTa());
    expect(unwrap(await owner.wallet.resume())).toEqual([]);
    // Nothing of it is in the way of the next one.
    unwrap(await owner.wallet.deposit({ amount: X }));
    expect(await owner.offline()).toBe(X);
    expect(unwrap(await owner.wallet.onlineBalance()).online).toBe(2000n - X);
  });

  it("an older store comes to rest with a withdrawal that was credited before", async () => {
    const payee = await network.party({ offline: 1000n });
    payee.isOnline = false;
    await payee.wallet.withdraw({ amount: amount(1000n) });
    const image = payee.disk.image();
    payee.isOnline = true;
    expect(unwrap(await payee.wallet.resume())).toEqual([]);
    unwrap(await payee.wallet.retire());
    unwrap(await payee.wallet.registerTa());
    const online = unwrap(await payee.wallet.onlineBalance()).online;
    payee.kill();
    payee.disk.restore(image);
    await payee.open();
    unwrap(await payee.wallet.registerTa());
    expect(unwrap(await payee.wallet.resume())).toEqual([]);
    expect(unwrap(await payee.wallet.onlineBalance()).online).toBe(online);
  });

  it("an older store comes to rest with a refund that its TA had before it retired", async () => {
    const payee = await network.party({ device: true });
    const payer = await network.party({ offline: 1000n });
    const requested = unwrap(await payee.wallet.requestPayment({ amount: X }));
    const { message } = unwrap(await payer.wallet.pay(requested.message));
    unwrap(await payee.wallet.cancel({ payee: await payee.ta(), r: requested.r }));
    const late = await payee.wallet.receive(message);
    const word = late.ok ? undefined : late.error.outcome;
    expect(unwrap(await payer.wallet.settle(word!)).verdict).toBe("refund-due");
    const image = payer.disk.image();
    expect(unwrap(await payer.wallet.refund())).toMatchObject({ count: 1, amount: X });
    unwrap(await payer.wallet.withdraw({ amount: amount(1000n) }));
    unwrap(await payer.wallet.retire());
    unwrap(await payer.wallet.registerTa());
    const { online } = unwrap(await payer.wallet.onlineBalance());
    payer.kill();
    payer.disk.restore(image);
    await payer.open();
    unwrap(await payer.wallet.registerTa());
    unwrap(await payer.wallet.refund());
    expect(unwrap(await payer.wallet.resume())).toEqual([]);
    expect(unwrap(await payer.wallet.onlineBalance()).online).toBe(online);
    expect(await payer.offline()).toBe(0n);
  });
});
