import { amount, institutionId, unwrap } from "@bezant/protocol";
import { createNetwork, Institutions, type Network, type Party } from "@bezant/testkit";
import { MemoryDisk } from "../../src/simulation/index.ts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { meet } from "../support/exchange.ts";

const X = amount(100n);

let network: Network;
beforeAll(async () => {
  network = await createNetwork({ providers: ["alpha", "beta"] });
});
afterAll(() => network.close());

/** The same person, key and device; nothing remembered. */
async function forget(party: Party): Promise<void> {
  party.kill();
  party.disk.restore(new MemoryDisk().image());
  await party.open();
}

describe("a new wallet", () => {
  it("does nothing that needs a registration, a device or a network it has not got", async () => {
    const nobody = await network.stranger();
    const expected: readonly [() => Promise<{ ok: boolean }>, string][] = [
      [() => nobody.wallet.requestPayment({ amount: X }), "not-registered"],
      [() => nobody.wallet.requestPayment({ amount: X, as: "ta" }), "no-device"],
      [() => nobody.wallet.deposit({ amount: X }), "no-device"],
      [() => nobody.wallet.withdraw({ amount: X }), "no-device"],
      [() => nobody.wallet.registerTa(), "no-device"],
      [() => nobody.wallet.sync(), "no-device"],
      [() => nobody.wallet.retire(), "no-device"],
      [() => nobody.wallet.enterPin("1234"), "no-device"],
      [() => nobody.wallet.onlineBalance(), "not-registered"],
    ];
    for (const [call, code] of expected) {
      expect(await call()).toMatchObject({ error: { code } });
    }
    expect(unwrap(await nobody.wallet.resume())).toEqual([]);
    expect(unwrap(await nobody.wallet.history())).toEqual([]);
    expect(unwrap(await nobody.wallet.status())).toEqual({ open: [] });

    await nobody.reopen();
    nobody.kill();
    await nobody.open({ fetch: undefined });
    const { url } = network.provider();
    expect(await nobody.wallet.register({ url })).toMatchObject({ error: { code: "no-network" } });
  });

  it("trusts no provider that the pinned root does not vouch for", async () => {
    const nobody = await network.stranger();
    nobody.kill();
    await nobody.open({ root: new Institutions().root });
    const { url } = network.provider();
    expect(await nobody.wallet.register({ url })).toMatchObject({
      error: { code: "unknown-issuer" },
    });
    expect(nobody.disk.image().size).toBe(0);
  });

  it("takes no address that is none", async () => {
    const nobody = await network.stranger();
    const none = [
      "",
      "provider",
      "ftp://provider",
      "javascript:alert(1)",
      `http://${"a".repeat(600)}`,
    ];
    for (const url of none) {
      expect(await nobody.wallet.register({ url })).toMatchObject({ error: { code: "malformed" } });
    }
    const { url } = network.provider();
    unwrap(await nobody.wallet.register({ url: `${url}//?x#y` }));
    expect(unwrap(await nobody.wallet.status()).registered).toMatchObject({ url });
  });

  it("stays with its provider", async () => {
    const alice = await network.party();
    const { url } = network.provider("beta");
    expect(await alice.wallet.register({ url })).toMatchObject({
      error: { code: "other-provider" },
    });
    expect(unwrap(await alice.wallet.register({ url: network.provider().url })).provider).toBe(
      institutionId("alpha"),
    );
  });
});

describe("a wallet that has lost its store", () => {
  it("registers again with its key, and has from its device what is unfinished there", async () => {
    const alice = await network.party({ offline: 1000n });
    const shop = await network.party();
    const requested = unwrap(await shop.wallet.requestPayment({ amount: X }));
    const paid = unwrap(await alice.wallet.pay(requested.message));
    const asked = unwrap(await alice.wallet.requestPayment({ amount: X }));
    alice.isOnline = false;
    expect(unwrap(await alice.wallet.withdraw({ amount: X })).credited).toBe(false);
    alice.isOnline = true;
    await forget(alice);

    expect(await alice.wallet.deposit({ amount: X })).toMatchObject({
      error: { code: "device-not-registered" },
    });
    unwrap(await alice.wallet.register({ url: network.provider().url }));
    unwrap(await alice.wallet.registerTa());
    // What the device keeps is in the books again: a payment, a withdrawal, and a request.
    expect(unwrap(await alice.wallet.history())).toMatchObject([
      { kind: "withdrawal", w: 1, state: "pending" },
      { kind: "paid", j: paid.j, amount: X, state: "paid" },
    ]);
    expect(unwrap(await alice.wallet.status()).open).toMatchObject([{ r: asked.r, amount: X }]);
    const again = unwrap(await alice.wallet.pay(requested.message));
    expect(again).toMatchObject({ j: paid.j, amount: X });
    expect(unwrap(await shop.wallet.receive(again.message)).state).toBe("received");
    expect(unwrap(await alice.wallet.withdraw({ amount: X }))).toMatchObject({
      w: 2,
      credited: true,
    });
    expect(await alice.offline()).toBe(700n);
    expect(unwrap(await alice.wallet.onlineBalance()).online).toBe(200n);
  });

  it("gets from the payer what it had received and not claimed", async () => {
    const alice = await network.party({ offline: 1000n });
    const shop = await network.party();
    const requested = unwrap(await shop.wallet.requestPayment({ amount: X }));
    const paid = unwrap((await meet(alice, shop, requested)).paid);
    await forget(shop);
    unwrap(await shop.wallet.register({ url: network.provider().url }));
    const [entry] = unwrap(await alice.wallet.history()).filter(({ kind }) => kind === "paid");
    expect(entry).toMatchObject({ j: paid.j });
    const { message } = unwrap(await alice.wallet.pay(requested.message));
    expect(await shop.wallet.receive(message)).toMatchObject({
      error: { code: "unknown-request" },
    });
    const id = { sender: await alice.ta(), j: paid.j };
    expect(unwrap(await shop.wallet.claim([id]))).toMatchObject({ count: 1, amount: X });
  });
});

describe("a wallet to which another device is connected", () => {
  it("does nothing with it, whether it was there from the start or put in the other's place", async () => {
    const alice = await network.party({ offline: 1000n });
    const mallory = await network.party({ offline: 500n });
    const shop = await network.party();
    const requested = unwrap(await shop.wallet.requestPayment({ amount: X }));
    alice.kill();
    await alice.open({ device: mallory.device!.connect() });
    expect(await alice.wallet.pay(requested.message)).toMatchObject({
      error: { code: "other-device" },
    });
    expect(await alice.wallet.withdraw({ amount: X })).toMatchObject({
      error: { code: "other-device" },
    });
    expect(unwrap(await alice.wallet.balance()).offline).toBeUndefined();

    let connected = alice.device!.connect();
    const socket = new Proxy({}, { get: (_, name) => Reflect.get(connected, name) as unknown });
    const names = Object.keys(connected) as (keyof typeof connected)[];
    const device = Object.fromEntries(
      names.map((name) => [
        name,
        (...input: unknown[]) =>
          (Reflect.get(socket, name) as (...i: unknown[]) => unknown)(...input),
      ]),
    ) as typeof connected;
    alice.kill();
    await alice.open({ device });
    expect(await alice.offline()).toBe(1000n);
    const other = mallory.device!.connect();
    const gone = () => Promise.resolve({ ok: false, error: { code: "device-unreachable" } });
    connected = Object.fromEntries(
      names.map((name) => [name, gone]),
    ) as unknown as typeof connected;
    expect(await alice.wallet.pay(requested.message)).toMatchObject({
      error: { code: "device-unreachable" },
    });
    connected = other;
    expect(await alice.wallet.pay(requested.message)).toMatchObject({
      error: { code: "other-device" },
    });
    expect([await mallory.offline(), await shop.offline()]).toEqual([500n, 0n]);
  });
});

describe("a PIN", () => {
  it("spends a try before it is compared, and is unlocked by the provider at a sync", async () => {
    const alice = await network.party({ device: true });
    expect(await alice.wallet.setPin("12")).toMatchObject({ error: { code: "malformed" } });
    expect(await alice.wallet.enterPin("12a4")).toMatchObject({ error: { code: "malformed" } });
    expect(await alice.wallet.enterPin("1234")).toMatchObject({ error: { code: "pin-not-set" } });
    unwrap(await alice.wallet.setPin("1234"));
    unwrap(await alice.wallet.enterPin("1234", X));
    unwrap(await alice.wallet.setPin("4321"));
    for (let left = 4; left >= 0; left--) {
      expect(await alice.wallet.enterPin("1234")).toMatchObject({
        error: { code: "pin-wrong", triesLeft: left },
      });
    }
    expect(await alice.wallet.enterPin("4321")).toMatchObject({ error: { code: "pin-locked" } });
    const orderId = new Uint8Array(16);
    const [client, ta] = [await alice.id(), await alice.ta()];
    await network.provider().order({ kind: "unlock-pin", orderId, client, ta });
    unwrap(await alice.wallet.sync());
    expect(await alice.wallet.enterPin("4321")).toMatchObject({ error: { code: "pin-not-set" } });
    unwrap(await alice.wallet.setPin("5555"));
    unwrap(await alice.wallet.enterPin("5555"));
  });
});

describe("a provider with a new key", () => {
  it("is understood by wallets and devices that were certified under the old one", async () => {
    const beta = network.provider("beta");
    const alice = await network.party({ offline: 1000n, online: 1000n, at: "beta" });
    const shop = await network.party({ at: "beta" });
    const requested = unwrap(await shop.wallet.requestPayment({ amount: X }));
    unwrap((await meet(alice, shop, requested)).paid);
    await beta.stop();
    beta.changeKey();
    await beta.start();
    for (const party of [alice, shop]) {
      unwrap(await party.wallet.register({ url: beta.url }));
    }
    unwrap(await alice.wallet.deposit({ amount: X }));
    expect(unwrap(await alice.wallet.withdraw({ amount: X })).credited).toBe(true);
    expect(unwrap(await shop.wallet.claim())).toMatchObject({ count: 1 });
    expect(unwrap(await alice.wallet.sync())).toMatchObject({ settled: 1 });
    unwrap(await alice.wallet.registerTa());
    const more = unwrap(await shop.wallet.requestPayment({ amount: X }));
    expect(unwrap((await meet(alice, shop, more)).paid).verdict).toBe("received");
    expect(await alice.offline()).toBe(800n);
  });
});

describe("a provider that was restored from a backup", () => {
  it("moves nothing until a wallet has synchronised, and is told of the payments again", async () => {
    const alice = await network.party({ offline: 1000n, online: 500n });
    const shop = await network.party();
    const requested = unwrap(await shop.wallet.requestPayment({ amount: X }));
    unwrap((await meet(alice, shop, requested)).paid);
    expect(unwrap(await alice.wallet.sync()).uploaded).toBe(1);
    network.clock.pass(1);
    await network.provider().restoreFromBackup();
    expect(await alice.wallet.deposit({ amount: X })).toMatchObject({
      error: { code: "provider-behind" },
    });
    expect(await alice.offline()).toBe(900n);
    expect(unwrap(await alice.wallet.sync())).toMatchObject({ uploaded: 1, refused: 0 });
    unwrap(await alice.wallet.deposit({ amount: X }));
    expect(await alice.offline()).toBe(1000n);
    const [ta] = unwrap(await alice.wallet.onlineBalance()).tas;
    expect(ta).toMatchObject({ mustSync: false, stored: 1 });
  });
});
