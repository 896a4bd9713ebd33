import {
  err,
  amount,
  attach,
  checkSignature,
  claimAnswer,
  counter,
  currency,
  decode,
  decodeSequence,
  institutionId,
  outcome,
  outcomeVerify,
  payment,
  runChecks,
  sha256,
  TrustStore,
  unwrap,
  walletId,
  type Payment,
} from "@bezant/protocol";
import { nodeVerifier } from "@bezant/pki/node";
import { beforeAll, describe, expect, test } from "vitest";
import { createProvider } from "../src/index.ts";
import { useDatabase } from "./support/database.ts";
import {
  certifyProvider,
  EUR,
  makeWorld,
  newKey,
  START,
  type TestWallet,
  type TestTa,
  type World,
} from "./support/world/index.ts";
import { expectSupplyIdentity } from "./support/world/supply.ts";

const database = useDatabase();
let world: World;
beforeAll(async () => {
  world = await makeWorld(database());
});
expectSupplyIdentity(() => world);

async function payerAndMerchant(): Promise<[TestWallet, TestTa, TestWallet]> {
  const [payer, ta] = await world.walletWithTa(10_000n, 5000n);
  return [payer, ta, await world.wallet()];
}

function claim(wallet: TestWallet, body: Uint8Array) {
  return wallet.post("claims", body);
}

/** Each answer of a batch: the kind of its outcome, or the code of its refusal. */
function answers(bytes: Uint8Array): string[] {
  const bounds = { maxItems: 4096, maxItemSize: 2100 };
  return unwrap(decodeSequence(bytes, bounds)).map((item) => {
    const answer = unwrap(decode(claimAnswer, item));
    if (answer.kind === "refused") return answer.value;
    return unwrap(outcome.parse(answer.value)).payload.kind;
  });
}

async function claimBatch(...payments: Uint8Array[]): Promise<string[]> {
  const reply = await world.http.sequence("/v1/claims", Buffer.concat(payments));
  return answers(reply.bytes());
}

describe("claim (Figure 9)", () => {
  test("credits the receiver and answers the signed outcome, which settles the payment for the payer", async () => {
    const [, ta, merchant] = await payerAndMerchant();
    const paid = ta.pay(merchant.payee, 120n);
    const bytes = (await claim(merchant, paid)).bytes();
    const subject = { payment: unwrap(payment.parse(paid)).payload, sender: ta.id };
    const trust = new TrustStore({ root: world.institutions.root, currency: EUR });
    const attached = unwrap(attach(bytes, { chain: world.chain }));
    const pending = unwrap(outcomeVerify(attached, { trust, now: START, subject, home: world.id }));
    const verified = unwrap(runChecks(pending, nodeVerifier()));
    expect(verified.verdict).toBe("settled");
    expect(verified.outcome).toMatchObject({ kind: "claimed", amount: 120n });
    expect(await merchant.online()).toBe(120n);
  });

  test("anybody may submit it, as often as they like: it counts once, and only for its receiver", async () => {
    const [payer, ta, merchant] = await payerAndMerchant();
    const paid = ta.pay(merchant.payee, 120n);
    const url = `/v1/clients/${merchant.id}/claims`;
    const replies = await Promise.all([
      ...Array.from({ length: 10 }, () => world.http.cose(url, paid)),
      claimBatch(paid, paid, paid),
    ]);
    expect(replies.length).toBe(11);
    expect(await merchant.online()).toBe(120n);
    expect((await claim(payer, paid)).code()).toBe("wrong-audience");
    expect(await payer.online()).toBe(5000n);
  });

  test("the same payment under a new signature, a new envelope or a new certificate is the same", async () => {
    const [payer, ta, merchant] = await payerAndMerchant();
    const paid = ta.pay(merchant.payee, 120n);
    const { payload } = unwrap(payment.parse(paid));
    await claim(merchant, paid);
    const resigned = ta.signPayment(payload);
    expect(resigned).not.toEqual(paid);
    await payer.registerTa(ta.device, ta);
    const recertified = unwrap(attach(paid, { certificate: ta.certificate, chain: world.chain }));
    expect(await claimBatch(resigned, recertified)).toEqual(["claimed", "claimed"]);
    expect(await merchant.online()).toBe(120n);
  });

  test("a different payment with that sender and index is a fork, kept as evidence", async () => {
    const [, ta, merchant] = await payerAndMerchant();
    const paid = ta.pay(merchant.payee, 120n);
    await claim(merchant, paid);
    const fork = ta.signPayment({ ...merchant.payee, amount: amount(999n), j: counter(ta.j) });
    expect((await claim(merchant, fork)).code()).toBe("payment-fork");
    expect(await claimBatch(fork, paid)).toEqual(["payment-fork", "claimed"]);
    const { rows } = unwrap(
      await world.db.query<{ first: Buffer; second: Buffer }>(
        "SELECT first, second FROM evidence WHERE client_id = $1 AND kind = 'payment-fork'",
        [`\\x${merchant.id}`],
      ),
    );
    expect(rows).toEqual([{ first: Buffer.from(paid), second: Buffer.from(fork) }]);
    expect(await merchant.online()).toBe(120n);
  });

  test("two payments of one request are two claims: whoever pays it first takes nobody's claim away", async () => {
    const [, ta, merchant] = await payerAndMerchant();
    const [, broken] = await world.walletWithTa(10_000n, 5000n);
    const request = { ...merchant.payee, r: counter(7), challenge: new Uint8Array(8).fill(7) };
    const honest = ta.signPayment({ ...request, amount: amount(100n), j: counter(1) });
    // A broken TA signs less than was asked for, and is there before the payee is online.
    const cheaper = broken.signPayment({ ...request, amount: amount(1n), j: counter(1) });
    expect((await claim(merchant, cheaper)).status).toBe(200);
    expect((await claim(merchant, honest)).status).toBe(200);
    const again = ta.signPayment({ ...request, amount: amount(100n), j: counter(2) });
    expect(await claimBatch(honest, again)).toEqual(["claimed", "claimed"]);
    expect(await merchant.online()).toBe(201n);
  });

  test("of two payments with one index in one batch exactly one is credited", async () => {
    const [, ta, merchant] = await payerAndMerchant();
    const forks = [1n, 2n, 3n].map((x) =>
      ta.signPayment({ ...merchant.payee, amount: amount(x), j: counter(77) }),
    );
    const codes = await claimBatch(...forks);
    expect(codes.filter((code) => code === "claimed").length).toBe(1);
    expect(await merchant.online()).toBe(BigInt(codes.indexOf("claimed") + 1));
  });

  test("a batch answers every payment in its order", async () => {
    const [, ta, merchant] = await payerAndMerchant();
    const other = await world.wallet();
    const stranger = walletId(Buffer.from(sha256(new Uint8Array([1]))).toString("hex"));
    const good = ta.pay(merchant.payee, 10n);
    const forOther = ta.pay(other.payee, 20n);
    const forStranger = ta.signPayment({
      receiver: stranger,
      receiverClass: "wallet",
      amount: amount(1n),
      j: counter(900),
    });
    const toTa = ta.signPayment({
      receiver: ta.id,
      receiverClass: "ta",
      amount: amount(1n),
      j: counter(901),
    });
    const tampered = Uint8Array.from(good);
    tampered[tampered.length - 1]! ^= 1;
    const batch = [good, forStranger, forOther, toTa, tampered, Uint8Array.of(0x80), good];
    expect(await claimBatch(...batch)).toEqual([
      "claimed",
      "unknown-client",
      "claimed",
      "wrong-audience",
      "bad-signature",
      "malformed",
      "claimed",
    ]);
    expect([await merchant.online(), await other.online()]).toEqual([10n, 20n]);
  });

  test("thousands of claims of many clients, sent at once in small and large batches, count once each", async () => {
    const [, ta] = await world.walletWithTa(100_000n, 100_000n);
    const merchants = await Promise.all(Array.from({ length: 7 }, () => world.wallet()));
    const payments = Array.from({ length: 420 }, (_, i) => ta.pay(merchants[i % 7]!.payee, 3n));
    const batches = [
      claimBatch(...payments.slice(0, 250)),
      claimBatch(...payments.slice(150)),
      claimBatch(...payments.toReversed()),
      ...payments.slice(0, 60).map((one) => claimBatch(one)),
    ];
    for (const codes of await Promise.all(batches)) {
      expect(new Set(codes)).toEqual(new Set(["claimed"]));
    }
    const balances = await Promise.all(merchants.map((merchant) => merchant.online()));
    expect(balances).toEqual(merchants.map(() => 180n));
  });

  test("with clients spread over nodes, one statement a client, the answers are the same", async () => {
    const { claims } = world.parts.policy;
    const sharded = await makeWorld(database(), {
      policy: { claims: { ...claims, sharded: true } },
    });
    const [, ta] = await sharded.walletWithTa(1000n, 1000n);
    const merchants = await Promise.all([1, 2, 3].map(() => sharded.wallet()));
    const payments = Array.from({ length: 30 }, (_, i) => ta.pay(merchants[i % 3]!.payee, 2n));
    const body = Buffer.concat([...payments, ...payments]);
    const reply = await sharded.http.sequence("/v1/claims", body);
    expect(new Set(answers(reply.bytes()))).toEqual(new Set(["claimed"]));
    for (const merchant of merchants) expect(await merchant.online()).toBe(20n);
  });

  test("of a client who is frozen the money waits in suspense", async () => {
    const [, ta, merchant] = await payerAndMerchant();
    await world.setStatus(merchant.id, "frozen");
    expect((await claim(merchant, ta.pay(merchant.payee, 50n))).code()).toBe("ok");
    expect((await merchant.get("balance")).json()).toMatchObject({ online: "0", suspense: "50" });
  });

  test("an expired sender's payment is honoured for thirty days", async () => {
    const own = await makeWorld(database());
    const [, ta] = await own.walletWithTa(1000n, 500n);
    const merchant = await own.wallet();
    const [first, second] = [ta.pay(merchant.payee, 10n), ta.pay(merchant.payee, 20n)];
    own.clock.advance(own.parts.policy.taValidity + 29 * 86_400);
    expect((await claim(merchant, first)).code()).toBe("ok");
    own.clock.advance(2 * 86_400);
    expect((await claim(merchant, second)).code()).toBe("expired");
  });

  test("a payment of another provider's TA brings its chain, and its outcome brings ours", async () => {
    const { institutions, manufacturer } = world;
    const other = await makeWorld(database(), { id: "other", institutions, manufacturer });
    const [, ta] = await other.walletWithTa(1000n, 500n);
    const merchant = await world.wallet();
    const paid = ta.pay(merchant.payee, 40n);
    expect((await claim(merchant, paid)).code()).toBe("unknown-issuer");
    const withChain = unwrap(attach(paid, { certificate: ta.certificate, chain: other.chain }));
    const bytes = (await claim(merchant, withChain)).bytes();
    const subject = { payment: unwrap(payment.parse(paid)).payload, sender: ta.id };
    const trust = new TrustStore({ root: institutions.root, currency: EUR });
    const pending = unwrap(outcomeVerify(bytes, { trust, now: START, subject, home: other.id }));
    expect(unwrap(runChecks(pending, nodeVerifier())).verdict).toBe("settled");
    expect(await merchant.online()).toBe(40n);
  });

  test("what cannot be answered for want of the database has not moved either", async () => {
    const { institutions, manufacturer } = world;
    const other = await makeWorld(database(), { id: "payers", institutions, manufacturer });
    const [, ta] = await other.walletWithTa(1000n, 500n);
    const sound = database();
    let isDown = false;
    const query: typeof sound.query = (statement, values) =>
      isDown && typeof statement !== "string" && statement.name === "wallet-certificate"
        ? Promise.resolve(err({ code: "database-unavailable", detail: "down" }))
        : sound.query(statement, values);
    const own = await makeWorld({ ...sound, query }, { id: "payees", institutions, manufacturer });
    const merchant = await own.wallet();
    const paid = ta.pay(merchant.payee, 40n);
    const withChain = unwrap(attach(paid, { certificate: ta.certificate, chain: other.chain }));
    isDown = true;
    expect((await claim(merchant, withChain)).code()).toBe("unavailable");
    expect(await merchant.online()).toBe(0n);
    isDown = false;
    expect((await claim(merchant, withChain)).bytes().length).toBeGreaterThan(0);
    expect(await merchant.online()).toBe(40n);
    isDown = true;
    // The certificate is known by now.
    expect((await claim(merchant, withChain)).bytes().length).toBeGreaterThan(0);
  });

  test("a high-s twin of a signature is refused", async () => {
    const [, ta, merchant] = await payerAndMerchant();
    const paid = ta.pay(merchant.payee, 120n);
    const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
    const s = BigInt(`0x${Buffer.from(paid.subarray(-32)).toString("hex")}`);
    const twin = Uint8Array.from(paid);
    twin.set(Buffer.from((order - s).toString(16).padStart(64, "0"), "hex"), twin.length - 32);
    expect(checkSignature(twin.subarray(-64))).toBe("signature-not-low-s");
    expect((await claim(merchant, twin)).code()).toBe("bad-signature");
  });

  const changed = (change: Partial<Payment>) => (ta: TestTa, to: TestWallet["payee"]) =>
    ta.signPayment({ ...to, amount: amount(5n), j: counter(50), ...change });
  test.each([
    ["another type", "unsupported-payment-type", changed({ type: "conditional" })],
    ["class TA", "wrong-audience", changed({ receiverClass: "ta" })],
    [
      "another currency",
      "bad-signature",
      (ta: TestTa, to: TestWallet["payee"]) =>
        ta.signPayment(
          { ...to, amount: amount(5n), j: counter(51) },
          { currency: currency("USD") },
        ),
    ],
    [
      "another home",
      "bad-signature",
      (ta: TestTa, to: TestWallet["payee"]) =>
        ta.signPayment(
          { ...to, amount: amount(5n), j: counter(52) },
          { home: institutionId("rogue") },
        ),
    ],
    [
      "another key",
      "bad-signature",
      (ta: TestTa, to: TestWallet["payee"]) =>
        ta.signPayment({ ...to, amount: amount(5n), j: counter(53) }, { key: newKey() }),
    ],
  ])("a payment with %s is refused: %s", async (_, code, make) => {
    const [, ta, merchant] = await payerAndMerchant();
    expect((await claim(merchant, make(ta, merchant.payee))).code()).toBe(code);
    expect(await merchant.online()).toBe(0n);
  });

  test("a wallet's certificate makes no payments", async () => {
    const merchant = await world.wallet();
    const rogue = await world.wallet();
    const [, ta] = await world.walletWithTa();
    const forged = ta.signPayment({ ...merchant.payee, amount: amount(5n), j: counter(1) });
    const asWallet = unwrap(attach(forged, { certificate: rogue.certificate }));
    expect((await claim(merchant, asWallet)).code()).toBe("wrong-role");
  });

  test("a payment under another root is refused", async () => {
    const foreign = await makeWorld(database(), { id: "foreign" });
    const [, ta] = await foreign.walletWithTa(100n, 100n);
    const merchant = await world.wallet();
    const paid = ta.pay(merchant.payee, 40n);
    const withChain = unwrap(attach(paid, { certificate: ta.certificate, chain: foreign.chain }));
    expect((await claim(merchant, withChain)).code()).toBe("unknown-issuer");
  });

  test("a provider whose own chain has another currency does not start", async () => {
    const key = newKey();
    const changes = { currency: currency("USD") };
    const chain = certifyProvider(world.institutions, "dollars", key, changes);
    const identity = { ...world.parts.identity, chain };
    const created = await createProvider({ ...world.parts, identity });
    expect(created).toMatchObject({ ok: false, error: { code: "wrong-currency" } });
  });
});

describe("decline", () => {
  test("ends a payment as never-settled; a later claim gets the same outcome and no money", async () => {
    const [, ta, merchant] = await payerAndMerchant();
    const paid = ta.pay(merchant.payee, 70n);
    const declined = await merchant.post("declines", merchant.declineOrder(ta.id, ta.j, 70n));
    const { payload } = unwrap(outcome.parse(declined.bytes()));
    expect(payload).toMatchObject({ kind: "never-settled", amount: 70n, sender: ta.id });
    expect(await claimBatch(paid)).toEqual(["never-settled"]);
    expect(await merchant.online()).toBe(0n);
  });

  test("after a claim it answers claimed", async () => {
    const [, ta, merchant] = await payerAndMerchant();
    const paid = ta.pay(merchant.payee, 70n);
    await claim(merchant, paid);
    const declined = await merchant.post("declines", merchant.declineOrder(ta.id, ta.j, 70n));
    expect(unwrap(outcome.parse(declined.bytes())).payload.kind).toBe("claimed");
    expect(await merchant.online()).toBe(70n);
  });

  test("claims and declines at once agree on one end", async () => {
    const [, ta, merchant] = await payerAndMerchant();
    for (let i = 0; i < 10; i += 1) {
      const paid = ta.pay(merchant.payee, 1n);
      const replies = await Promise.all([
        claim(merchant, paid),
        merchant.post("declines", merchant.declineOrder(ta.id, ta.j, 1n)),
        claim(merchant, paid),
      ]);
      const kinds = replies.map((reply) => unwrap(outcome.parse(reply.bytes())).payload.kind);
      expect(new Set(kinds).size).toBe(1);
    }
  });

  test("of an amount that was declined wrongly, the outcome of the payment itself is right", async () => {
    const [, ta, merchant] = await payerAndMerchant();
    const paid = ta.pay(merchant.payee, 70n);
    await merchant.post("declines", merchant.declineOrder(ta.id, ta.j, 7n));
    const { payload } = unwrap(outcome.parse((await claim(merchant, paid)).bytes()));
    expect(payload).toMatchObject({ kind: "never-settled", amount: 70n });
  });

  test("only the receiver's own order declines", async () => {
    const [payer, ta, merchant] = await payerAndMerchant();
    const paid = ta.pay(merchant.payee, 70n);
    const reply = await world.http.cose(
      `/v1/clients/${merchant.id}/declines`,
      payer.declineOrder(ta.id, ta.j, 70n),
    );
    expect(reply.code()).toBe("bad-signature");
    expect(await claimBatch(paid)).toEqual(["claimed"]);
  });
});
