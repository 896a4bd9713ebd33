import { decode, parseCertificate, taRegistrationAnswer, unwrap } from "@bezant/protocol";
import { beforeAll, describe, expect, test } from "vitest";
import { useDatabase } from "./support/database.ts";
import {
  foundInstitutions,
  foundManufacturer,
  makeDevice,
  makeWorld,
  newKey,
  TestTa,
  type TestWallet,
  type World,
} from "./support/world/index.ts";
import { expectSupplyIdentity } from "./support/world/supply.ts";

const database = useDatabase();
let world: World;
beforeAll(async () => {
  world = await makeWorld(database());
});
expectSupplyIdentity(() => world);

const serialOf = (certificate: Uint8Array): number =>
  unwrap(parseCertificate(certificate)).claims.serial;

async function attest(wallet: TestWallet, ta: TestTa): Promise<Uint8Array> {
  return wallet.taRegistration(ta.attest(await wallet.challenge("attest")));
}

function newTa(level: 1 | 2 | 3 = 3): TestTa {
  return new TestTa(makeDevice(world.manufacturer, level), world.id, world.institutions.root);
}

describe("TA registration (Figure 3)", () => {
  test("answers a certificate for T.vk with role TA, the chain and the limits", async () => {
    const [, ta] = await world.walletWithTa();
    const { claims } = unwrap(parseCertificate(ta.certificate));
    expect(claims).toMatchObject({ role: "ta", iss: world.id, serial: 1, securityLevel: 3 });
    expect(claims.key).toBe(ta.key.publicKey.compressed);
  });

  test("the same call renews: every certificate has a higher serial", async () => {
    const [wallet, ta] = await world.walletWithTa();
    for (const serial of [2, 3]) {
      await wallet.registerTa(ta.device, ta);
      expect(serialOf(ta.certificate)).toBe(serial);
    }
  });

  test("the same request again, its answer having been lost, gives the same certificate", async () => {
    const wallet = await world.wallet();
    const request = await attest(wallet, newTa());
    const replies = await Promise.all(Array.from({ length: 5 }, () => wallet.post("tas", request)));
    const certificates = replies.map((reply) => {
      const [certificate] = unwrap(decode(taRegistrationAnswer, reply.bytes()));
      return Buffer.from(certificate).toString("hex");
    });
    expect(new Set(certificates).size).toBe(1);
  });

  test("evidence answers one challenge of one client, once, within ten minutes", async () => {
    const wallet = await world.wallet();
    const other = await world.wallet();
    const ta = newTa();
    const nonce = await wallet.challenge("attest");
    const code = async (from: TestWallet, evidence: Uint8Array): Promise<string> =>
      (await from.post("tas", from.taRegistration(evidence))).code();
    expect(await code(other, ta.attest(nonce))).toBe("unknown-nonce");
    expect(await code(wallet, ta.attest(new Uint8Array(16)))).toBe("unknown-nonce");
    expect(await code(wallet, ta.attest(await wallet.challenge("token")))).toBe("unknown-nonce");
    expect(await code(wallet, ta.attest(nonce))).toBe("ok");
    expect(await code(wallet, newTa().attest(nonce))).toBe("unknown-nonce");
    const late = await wallet.challenge("attest");
    world.clock.advance(601);
    expect(await code(wallet, ta.attest(late))).toBe("unknown-nonce");
  });

  test("a key or a device of another client is refused, also to many who try at once", async () => {
    const [, ta] = await world.walletWithTa();
    const thief = await world.wallet();
    const stolenDevice = new TestTa(ta.device, world.id, world.institutions.root);
    expect((await thief.post("tas", await attest(thief, stolenDevice))).code()).toBe(
      "device-bound",
    );
    // A broken device could attest a key that is not in it.
    const stolenKey = newTa();
    Object.assign(stolenKey, { key: ta.key });
    expect((await thief.post("tas", await attest(thief, stolenKey))).code()).toBe("key-bound");

    const contested = newTa();
    const wallets = await Promise.all(Array.from({ length: 6 }, () => world.wallet()));
    const requests = await Promise.all(wallets.map((wallet) => attest(wallet, contested)));
    const replies = await Promise.all(wallets.map((wallet, i) => wallet.post("tas", requests[i]!)));
    const codes = replies.map((reply) => reply.code()).toSorted();
    expect(codes).toEqual([...Array.from({ length: 5 }, () => "device-bound"), "ok"]);
  });

  test("a client has only so many TAs", async () => {
    const wallet = await world.wallet();
    for (let i = 0; i < world.parts.policy.maxTas; i += 1) {
      await wallet.registerTa(makeDevice(world.manufacturer));
    }
    expect((await wallet.post("tas", await attest(wallet, newTa()))).code()).toBe(
      "too-many-devices",
    );
  });

  test("a frozen client registers no TA", async () => {
    const wallet = await world.wallet();
    await world.setStatus(wallet.id, "frozen");
    expect((await wallet.post("tas", await attest(wallet, newTa()))).code()).toBe("client-frozen");
  });

  test.each([
    ["of too low a level", "security-level", () => newTa(1), {}],
    ["of a higher level than certified", "security-level", () => newTa(2), { level: 3 as const }],
    ["with debugging enabled", "debug-enabled", () => newTa(), { debug: 0 }],
    ["of an unknown TA", "untrusted-measurement", () => newTa(), { version: 2 }],
    [
      "of an unknown manufacturer",
      "unknown-issuer",
      () => new TestTa(makeDevice(foundManufacturer()), world.id, world.institutions.root),
      {},
    ],
    [
      "with another anchor",
      "wrong-anchor",
      () => new TestTa(makeDevice(world.manufacturer), world.id, foundInstitutions().root),
      {},
    ],
  ])("evidence %s is refused: %s", async (_, code, make, changes) => {
    const wallet = await world.wallet();
    const evidence = make().attest(await wallet.challenge("attest"), changes);
    expect((await wallet.post("tas", wallet.taRegistration(evidence))).code()).toBe(code);
  });

  test("evidence for another provider is refused", async () => {
    const wallet = await world.wallet();
    const ta = new TestTa(makeDevice(world.manufacturer), wallet.home, world.institutions.root);
    Object.assign(ta, { home: "other" });
    expect((await wallet.post("tas", await attest(wallet, ta))).code()).toBe("bad-signature");
  });

  test("another device's signature is refused", async () => {
    const wallet = await world.wallet();
    const ta = newTa();
    Object.assign(ta, { device: { ...ta.device, key: newKey() } });
    expect((await wallet.post("tas", await attest(wallet, ta))).code()).toBe("wrong-key");
  });
});

describe("retirement", () => {
  test("returns what the TA can never apply, once, and frees the device for another client", async () => {
    const [wallet, ta] = await world.walletWithTa(1000n, 100n);
    await wallet.withdraw(ta, 100n);
    await wallet.post("deposits", wallet.depositRequest(ta.reserve(300n)));
    expect(await wallet.online()).toBe(700n);
    const word = ta.retire();
    for (const _ of [1, 2]) {
      const reply = await wallet.post("retirements", word);
      expect(reply.json()).toEqual({ ta: ta.id, d: "1", returned: "300" });
    }
    expect(await wallet.online()).toBe(1000n);
    const late = await wallet.post("deposits", wallet.depositRequest(ta.reserve(1n, 3)));
    expect(late.code()).toBe("unknown-trusted-app");
    expect((await wallet.post("tas", await attest(wallet, ta))).code()).toBe("unknown-trusted-app");

    const buyer = await world.wallet();
    const next = await buyer.registerTa(ta.device);
    expect(serialOf(next.certificate)).toBe(1);
  });

  test("a TA that has seen more than the provider is not retired", async () => {
    const [wallet, ta] = await world.walletWithTa(1000n, 100n);
    ta.d = 7;
    expect((await wallet.post("retirements", ta.retire())).code()).toBe("provider-behind");
  });
});
