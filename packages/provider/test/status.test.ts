import {
  amount,
  attach,
  counter,
  decodeSequence,
  isCurrent,
  keyIdOf,
  MAX_MESSAGE,
  parseCertificate,
  providerToAnybody,
  revocationOrder,
  runChecks,
  seconds,
  standingOf,
  statusChunk,
  statusVerify,
  TrustStore,
  unwrap,
  type ProviderId,
  type Standing,
} from "@bezant/protocol";
import { nodeVerifier } from "@bezant/pki/node";
import { beforeAll, describe, expect, test } from "vitest";
import { operatorContext, restoredOrder, statusOrder, type StatusOrder } from "../src/index.ts";
import { useDatabase } from "./support/database.ts";
import {
  EUR,
  makeDevice,
  makeWorld,
  newKey,
  type Reply,
  type TestTa,
  type TestWallet,
  type World,
} from "./support/world/index.ts";
import { expectSupplyIdentity } from "./support/world/supply.ts";

const database = useDatabase();
let world: World;
beforeAll(async () => {
  world = await makeWorld(database());
  unwrap(await world.provider.publishStatus());
});
expectSupplyIdentity(() => world);

function order(content: StatusOrder, key = world.operator): Promise<Reply> {
  const signed = statusOrder.sign(content, operatorContext(world.parts.identity), key);
  return world.http.cose("/operator/v1/status", signed);
}

const revoke = (wallet: TestWallet, subject: string, reason: "lost" | "broken" = "lost") =>
  order({ kind: "revoke", client: wallet.id, subject: subject as TestTa["id"], reason });

function indexOf(certificate: Uint8Array): number {
  return unwrap(parseCertificate(certificate)).claims.statusIndex!;
}

/** What the chunk of the provider's list that covers this certificate says of it. */
async function standing(certificate: Uint8Array, minimumEpoch = 1): Promise<Standing> {
  const index = indexOf(certificate);
  const bytes = (await world.http.get(`/v1/status/${index}`)).bytes();
  const chunk = verified(bytes, world.id);
  const now = world.clock.now();
  return standingOf(index, chunk, (each) => isCurrent(each, { minimumEpoch, now }));
}

function verified(bytes: Uint8Array, issuer: ProviderId) {
  const trust = new TrustStore({ root: world.institutions.root, currency: EUR });
  const pending = unwrap(statusVerify(bytes, { trust, now: world.clock.now(), issuer }));
  return unwrap(runChecks(pending, nodeVerifier())).chunk;
}

async function sync(wallet: TestWallet, ta: TestTa, ...payments: Uint8Array[]) {
  const request = ta.syncRequest(crypto.getRandomValues(new Uint8Array(16)));
  const reply = await wallet.post("syncs", Buffer.concat([request, ...payments]));
  return ta.sync(reply.bytes());
}

describe("the status list", () => {
  test("has an index for each wallet and each TA, the same in every certificate of it", async () => {
    const [wallet, ta] = await world.walletWithTa();
    const [first, own] = [indexOf(ta.certificate), indexOf(wallet.certificate)];
    expect(first).not.toBe(own);
    await wallet.registerTa(ta.device, ta);
    expect(indexOf(ta.certificate)).toBe(first);
  });

  test("covers everybody, and names whom the operator revokes", async () => {
    const [wallet, ta] = await world.walletWithTa();
    expect([await standing(ta.certificate), await standing(wallet.certificate)]).toEqual([
      "good",
      "good",
    ]);
    const { epoch } = (await revoke(wallet, ta.id)).json() as { epoch: string };
    expect(await standing(ta.certificate)).toBe("revoked");
    expect(await standing(wallet.certificate, Number(epoch))).toBe("good");
    expect((await revoke(wallet, wallet.id)).code()).toBe("ok");
    expect(await standing(wallet.certificate)).toBe("revoked");
  });

  test("is handed out whole, chunk after chunk", async () => {
    const body = (await world.http.get("/v1/status")).bytes();
    const items = unwrap(decodeSequence(body, { maxItems: 1000, maxItemSize: MAX_MESSAGE }));
    const chunks = items.map((item) => verified(item, world.id));
    expect([chunks[0]?.first, chunks.at(-1)?.last]).toEqual([0, 0xffff_ffff]);
  });

  test("is issued again when somebody is revoked, or when it is a week old, and not otherwise", async () => {
    const first = unwrap(await world.provider.publishStatus());
    expect(unwrap(await world.provider.publishStatus())).toBe(first);
    const [wallet, ta] = await world.walletWithTa();
    const revoked = (await revoke(wallet, ta.id)).json() as { epoch: string };
    expect(Number(revoked.epoch)).toBeGreaterThan(first);
    const again = (await revoke(wallet, ta.id)).json() as { epoch: string };
    expect(again).toEqual(revoked);
    const later = await makeWorld(world.db, { institutions: world.institutions, id: "later" });
    const start = unwrap(await later.provider.publishStatus());
    later.clock.advance(8 * 86_400);
    expect(unwrap(await later.provider.publishStatus())).toBe(start + 8 * 86_400);
  });

  test("is published once by servers that look at the same time", async () => {
    const [wallet, ta] = await world.walletWithTa();
    const epochs = await Promise.all(
      Array.from({ length: 6 }, () => revoke(wallet, ta.id).then((reply) => reply.json())),
    );
    const last = unwrap(await world.provider.publishStatus());
    const named = epochs.map((answer) => Number((answer as { epoch: string }).epoch));
    expect(Math.max(...named)).toBeLessThanOrEqual(last);
    expect(await standing(ta.certificate, last)).toBe("revoked");
  });

  test("is pinned by every TA at its sync, beside the lists of others and keys that have leaked", async () => {
    const [wallet, ta] = await world.walletWithTa();
    const other = await makeWorld(world.db, { institutions: world.institutions, id: "other" });
    const theirs = unwrap(await other.provider.publishStatus());
    // Both providers of this test share a database, so that the list is known already.
    const kid = keyIdOf(newKey().publicKey);
    await order({ kind: "revoke-key", kid, since: seconds(500) });
    await order({ kind: "revoke-key", kid, since: seconds(900) });
    const { epochs, revokedKeys } = await sync(wallet, ta);
    const mine = unwrap(await world.provider.publishStatus());
    expect(epochs[0]).toEqual([world.id, mine]);
    expect(epochs).toContainEqual(["other", theirs]);
    expect(revokedKeys).toContainEqual([kid, 500]);
  });

  test("of another provider is taken from anybody, the newest one alone, and believed only as signed", async () => {
    const { institutions } = world;
    const other = await makeWorld(world.db, { institutions, id: "other-2" });
    const context = providerToAnybody({ currency: EUR, provider: other.id });
    const chunk = (epoch: number, revoked: number[]): Uint8Array => {
      const payload = { epoch, issuedAt: world.clock.now(), first: 0, last: 0xffff_ffff, revoked };
      return statusChunk.sign(payload, context, other.key, { chain: other.chain });
    };
    const bring = (bytes: Uint8Array): Promise<Reply> => world.http.sequence("/v1/status", bytes);
    expect((await bring(chunk(5, [7]))).json()).toEqual({ kept: "1" });
    expect((await bring(chunk(4, []))).json()).toEqual({ kept: "0" });
    const known = (await world.http.get("/v1/status?issuer=other-2")).bytes();
    expect(verified(known, other.id)).toMatchObject({ epoch: 5, revoked: [7] });
    const good = chunk(6, []);
    expect((await bring(good.with(-1, good.at(-1)! ^ 1))).code()).toBe("bad-signature");
    expect((await bring(unwrap(attach(good, {})))).code()).toBe("unknown-issuer");
    expect((await bring(good.slice(1))).code()).toBe("malformed");
    // Its own list is nobody's to bring.
    const own = providerToAnybody({ currency: EUR, provider: world.id });
    const forged = statusChunk.sign(
      { epoch: 0xffff_ffff, issuedAt: seconds(0), first: 0, last: 9, revoked: [] },
      own,
      world.key,
      { chain: world.chain },
    );
    expect((await bring(forged)).json()).toEqual({ kept: "0" });
  });
});

describe("an order about revocation", () => {
  test("is only the operator's, and only about holders that there are", async () => {
    const [wallet, ta] = await world.walletWithTa();
    const content = { kind: "revoke", client: wallet.id, subject: ta.id, reason: "lost" } as const;
    expect((await order(content, newKey())).code()).toBe("unknown-issuer");
    expect(await standing(ta.certificate)).toBe("good");
    const [stranger] = await world.walletWithTa();
    expect((await order({ ...content, client: stranger.id })).code()).toBe("unknown-trusted-app");
    expect((await world.http.cose("/operator/v1/status", new Uint8Array(3))).code()).toBe(
      "malformed",
    );
    expect((await world.http.get("/v1/status/4294967296")).code()).toBe("malformed");
    expect((await world.http.get("/v1/status?issuer=NOBODY")).code()).toBe("malformed");
  });

  test("may be the owner's own, about a device that is lost", async () => {
    const [wallet, ta] = await world.walletWithTa();
    const [, foreign] = await world.walletWithTa();
    const report = (subject: TestTa["id"], key = wallet.key): Promise<Reply> =>
      wallet.post("revocations", wallet.say(revocationOrder, { ta: subject }, key));
    expect((await report(ta.id, newKey())).code()).toBe("bad-signature");
    expect((await report(foreign.id)).code()).toBe("unknown-trusted-app");
    expect(await standing(ta.certificate)).toBe("good");
    expect((await report(ta.id)).code()).toBe("ok");
    expect(await standing(ta.certificate)).toBe("revoked");
  });
});

describe("a revoked device", () => {
  test("withdraws what it holds, gets no deposit, and no new certificate", async () => {
    const [wallet, ta] = await world.walletWithTa(1000n, 400n);
    await revoke(wallet, ta.id);
    const refused = await wallet.post("deposits", wallet.depositRequest(ta.reserve(50n)));
    expect(refused.code()).toBe("holder-revoked");
    const evidence = ta.attest(await wallet.challenge("attest"));
    expect((await wallet.post("tas", wallet.taRegistration(evidence))).code()).toBe(
      "holder-revoked",
    );
    await wallet.withdraw(ta, 300n);
    await wallet.withdraw(ta, 100n);
    expect(await wallet.online()).toBe(1000n);
    expect((await sync(wallet, ta)).w).toBe(2);
  });

  test("makes room for another one of the same client", async () => {
    const [wallet, ta] = await world.walletWithTa(100n);
    await revoke(wallet, ta.id);
    const next = await wallet.registerTa(makeDevice(world.manufacturer));
    await wallet.deposit(next, 100n);
    expect(next.balance).toBe(100n);
  });

  test("has its payments honoured that it had told of, and the others only when the operator says so", async () => {
    const [wallet, ta] = await world.walletWithTa(1000n, 500n);
    const merchant = await world.wallet();
    const [known, unknown, late] = [1, 2, 3].map(() => ta.pay(merchant.payee, 100n)) as [
      Uint8Array,
      Uint8Array,
      Uint8Array,
    ];
    await sync(wallet, ta, known);
    expect((await merchant.post("claims", unknown)).code()).toBe("ok");
    await revoke(wallet, ta.id, "broken");

    expect((await merchant.post("claims", known)).code()).toBe("ok");
    // What was claimed before the revocation stays claimed.
    expect((await merchant.post("claims", unknown)).code()).toBe("ok");
    expect(await merchant.online()).toBe(200n);
    for (let i = 0; i < 2; i++) {
      expect((await merchant.post("claims", late)).code()).toBe("claim-in-review");
    }
    expect(await merchant.online()).toBe(200n);

    const release = { kind: "release-claim", client: merchant.id, sender: ta.id } as const;
    expect((await order({ ...release, j: counter(9) })).code()).toBe("unknown-review");
    for (let i = 0; i < 2; i++) {
      expect((await order({ ...release, j: counter(3) })).code()).toBe("ok");
    }
    expect(await merchant.online()).toBe(300n);
    expect((await merchant.post("claims", late)).code()).toBe("ok");
    expect(await merchant.online()).toBe(300n);
  });

  test("cannot claim the place of a payment that it had told of with another one", async () => {
    const [wallet, ta] = await world.walletWithTa(1000n, 500n);
    const merchant = await world.wallet();
    const known = ta.pay(merchant.payee, 100n);
    await sync(wallet, ta, known);
    await revoke(wallet, ta.id, "broken");
    const forged = ta.signPayment({ ...merchant.payee, amount: amount(400n), j: counter(1) });
    expect((await merchant.post("claims", forged)).code()).toBe("claim-in-review");
    expect((await merchant.post("claims", known)).code()).toBe("ok");
    expect((await merchant.post("claims", forged)).code()).toBe("payment-fork");
    expect(await merchant.online()).toBe(100n);
  });

  test("keeps two payments of one number apart while they wait", async () => {
    const [wallet, ta] = await world.walletWithTa(1000n, 500n);
    const merchant = await world.wallet();
    await revoke(wallet, ta.id, "broken");
    const [one, two] = [100n, 200n].map((x) =>
      ta.signPayment({ ...merchant.payee, amount: amount(x), j: counter(1) }),
    ) as [Uint8Array, Uint8Array];
    expect((await merchant.post("claims", one)).code()).toBe("claim-in-review");
    expect((await merchant.post("claims", two)).code()).toBe("payment-fork");
    const declined = await merchant.post("declines", merchant.declineOrder(ta.id, 1, 100n));
    expect(declined.code()).toBe("ok");
    const release = { client: merchant.id, sender: ta.id, j: counter(1) } as const;
    expect((await order({ kind: "release-claim", ...release })).code()).toBe("ok");
    expect(await merchant.online()).toBe(0n);
  });

  test("gets refunds only when the operator says so, and then once", async () => {
    const [wallet, ta] = await world.walletWithTa(1000n, 500n);
    const [, payee] = await world.walletWithTa();
    const paid = ta.pay({ receiver: payee.id, receiverClass: "ta" }, 80n);
    const ended = payee.signOutcome({ kind: "void", r: counter(1), amount: amount(80n) });
    const ask = (): Promise<Reply> => wallet.post("refunds", Buffer.concat([paid, ended]));
    await revoke(wallet, ta.id);
    expect((await ask()).code()).toBe("refund-in-review");
    const release = { kind: "release-refund", client: wallet.id, ta: ta.id } as const;
    expect((await order({ ...release, j: counter(2) })).code()).toBe("unknown-review");
    expect((await order({ ...release, j: counter(1) })).code()).toBe("ok");
    ta.apply((await ask()).bytes());
    ta.apply((await ask()).bytes());
    expect(ta.balance).toBe(500n);
    await wallet.withdraw(ta, 500n);
    expect(await wallet.online()).toBe(1000n);
  });
});

describe("a claim of another provider's device", () => {
  test("goes to review once that provider's list is known to name it", async () => {
    const { institutions, manufacturer } = world;
    const other = await makeWorld(world.db, { institutions, manufacturer, id: "other-3" });
    const merchant = await world.wallet();
    const [, ta] = await other.walletWithTa(1000n, 500n);
    const pay = (): Uint8Array => {
      const paid = ta.pay(merchant.payee, 50n);
      return unwrap(attach(paid, { certificate: ta.certificate, chain: other.chain }));
    };
    expect((await merchant.post("claims", pay())).code()).toBe("ok");
    const context = providerToAnybody({ currency: EUR, provider: other.id });
    const revoked = [indexOf(ta.certificate)];
    const list = { epoch: 2, issuedAt: world.clock.now(), first: 0, last: 0xffff_ffff, revoked };
    const chunk = statusChunk.sign(list, context, other.key, { chain: other.chain });
    await world.http.sequence("/v1/status", chunk);
    expect((await merchant.post("claims", pay())).code()).toBe("claim-in-review");
    expect(await merchant.online()).toBe(50n);
  });

  test("goes to review if the key that certified the device was revoked before", async () => {
    const { institutions, manufacturer } = world;
    const other = await makeWorld(world.db, { institutions, manufacturer, id: "other-4" });
    const merchant = await world.wallet();
    const [, ta] = await other.walletWithTa(1000n, 500n);
    const { nbf } = unwrap(parseCertificate(ta.certificate)).claims;
    const kid = keyIdOf(other.key.publicKey);
    const claim = (): Promise<Reply> => {
      const paid = ta.pay(merchant.payee, 50n);
      const whole = unwrap(attach(paid, { certificate: ta.certificate, chain: other.chain }));
      return merchant.post("claims", whole);
    };
    await order({ kind: "revoke-key", kid, since: nbf });
    expect((await claim()).code()).toBe("ok");
    await order({ kind: "revoke-key", kid, since: seconds(nbf - 1) });
    expect((await claim()).code()).toBe("claim-in-review");
  });
});

test("after a restore no list is published until the operator says that the revocations are known", async () => {
  const restored = (revocations: "known" | "unknown"): Promise<Reply> =>
    world.http.cose(
      "/operator/v1/restores",
      restoredOrder.sign(
        { at: world.clock.now(), revocations },
        operatorContext(world.parts.identity),
        world.operator,
      ),
    );
  const [wallet, ta] = await world.walletWithTa();
  const before = unwrap(await world.provider.publishStatus());
  expect((await restored("unknown")).status).toBe(200);
  const held = (await revoke(wallet, ta.id)).json() as { epoch: string };
  expect(Number(held.epoch)).toBe(before);
  expect(unwrap(await world.provider.publishStatus())).toBe(before);
  expect(await standing(ta.certificate)).toBe("good");
  // That it knows them is no new restore: nobody has to synchronise for it.
  expect((await restored("known")).json()).toEqual({ tas: "0" });
  expect(unwrap(await world.provider.publishStatus())).toBeGreaterThan(before);
  expect(await standing(ta.certificate)).toBe("revoked");
});
