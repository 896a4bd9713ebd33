import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  amount,
  attach,
  checkAddressee,
  checkRequest,
  counter,
  currency,
  payment,
  paymentContext,
  payVerify,
  PAYMENT_GRACE,
  runChecks,
  runChecksAsync,
  seconds,
  TrustStore,
  unwrap,
  type Attachments,
  type Context,
  type Payee,
  type Payment,
  type TrustStore as Store,
} from "../../src/index.ts";
import {
  certificates,
  chainA,
  EUR,
  ids,
  names,
  newTrust,
  NOW,
  people,
  root,
  usual,
} from "../../scripts/vectors/cast.ts";
import { byAlice, examples, toBob, toMerchant } from "../../scripts/vectors/examples.ts";
import { asyncVerifier, verifier } from "../support/verifier.ts";

const withChain: Attachments = { certificate: certificates.aliceTa, chain: chainA };

function signed(
  payload: Payment,
  { attached = withChain, context = byAlice(payload.receiver), signer = people.aliceTa } = {},
): Uint8Array {
  return payment.sign(payload, context, signer, attached);
}

function refusalOf(
  bytes: Uint8Array,
  { trust = newTrust(), now = NOW }: { readonly trust?: Store; readonly now?: typeof NOW } = {},
): string | undefined {
  const pending = payVerify(bytes, { trust, now });
  if (!pending.ok) return pending.error.code;
  const done = runChecks(pending.value, verifier);
  return done.ok ? undefined : done.error.code;
}

describe("PayVerify", () => {
  test("says what was paid, by whom and under which provider", () => {
    const bytes = signed(toBob);
    const pending = unwrap(payVerify(bytes, { trust: newTrust(), now: NOW }));
    expect(pending.checks).toHaveLength(4);
    const verified = unwrap(runChecks(pending, verifier));
    expect(verified.payment).toEqual(toBob);
    expect(verified.sender).toBe(ids.alice);
    expect(verified.home).toBe(names.bankA);
    expect(verified.bytes).toEqual(bytes);
  });

  test("says the same with a verifier that answers later", async () => {
    const pending = unwrap(payVerify(signed(toBob), { trust: newTrust(), now: NOW }));
    expect(unwrap(await runChecksAsync(pending, asyncVerifier)).sender).toBe(ids.alice);
    const bad = payVerify(signed(toBob, { signer: people.mallory }), {
      trust: newTrust(),
      now: NOW,
    });
    expect(await runChecksAsync(unwrap(bad), asyncVerifier)).toMatchObject({
      error: { code: "bad-signature" },
    });
  });

  const context = (changes: Partial<Context>): Context => ({ ...byAlice(ids.bob), ...changes });
  const cases: Readonly<Record<string, readonly [string, Uint8Array]>> = {
    "cut short": ["malformed", signed(toBob).slice(0, -1)],
    "of another kind": ["wrong-type", examples.find(({ name }) => name === "withdrawal")!.bytes],
    "without its sender's certificate": ["missing-certificate", signed(toBob, { attached: {} })],
    "from a wallet": [
      "wrong-role",
      signed(toBob, {
        attached: { certificate: certificates.aliceWallet, chain: chainA },
        signer: people.aliceWallet,
      }),
    ],
    "of an unknown provider without a chain": [
      "unknown-issuer",
      signed(toBob, { attached: { certificate: certificates.aliceTa } }),
    ],
    "of the reserved type": ["unsupported-payment-type", signed({ ...toBob, type: "conditional" })],
    "signed by another TA": ["bad-signature", signed(toBob, { signer: people.bobTa })],
    "signed for another receiver": [
      "bad-signature",
      signed(toBob, { context: context({ audience: ids.merchant }) }),
    ],
    "signed under another provider": [
      "bad-signature",
      signed(toBob, { context: context({ home: names.bankB }) }),
    ],
    "signed in another currency": [
      "bad-signature",
      signed(toBob, { context: context({ currency: currency("USD") }) }),
    ],
  };

  test.each(Object.entries(cases))("refuses a payment %s", (_name, [code, bytes]) => {
    expect(refusalOf(bytes)).toBe(code);
  });

  test("refuses a payment of another currency", () => {
    const trust = new TrustStore({ root, currency: currency("USD") });
    expect(refusalOf(signed(toBob), { trust })).toBe("wrong-currency");
  });

  test("honours a payment until 30 days after its sender's certificate has expired", () => {
    const last = usual.aliceTa.exp + PAYMENT_GRACE;
    expect(refusalOf(signed(toBob), { now: seconds(last) })).toBeUndefined();
    expect(refusalOf(signed(toBob), { now: seconds(last + 1) })).toBe("expired");
  });

  test("refuses a signature that OpenSSL takes but whose s is in the upper half", () => {
    const high = flipS(signed(toBob));
    expect(payment.parse(high).ok).toBe(true);
    expect(refusalOf(high)).toBe("bad-signature");
    // So is it really only s: the other half verifies.
    expect(flipS(high)).toEqual(signed(toBob));
    const pending = unwrap(payVerify(high, { trust: newTrust(), now: NOW }));
    expect(verifier.verify(pending.checks.at(-1)!)).toBe(true);
  });

  test("takes a payment in any envelope that proves its sender", () => {
    const trust = newTrust();
    expect(refusalOf(signed(toBob), { trust })).toBeUndefined();
    const bare = unwrap(attach(signed(toBob), { certificate: certificates.aliceTa }));
    expect(refusalOf(bare, { trust })).toBeUndefined();
  });
});

describe("the receiver of a payment", () => {
  const bob: Payee = { class: "ta", id: ids.bob };

  test("takes only its own", () => {
    expect(checkAddressee(toBob, bob)).toBeUndefined();
    expect(checkAddressee(toMerchant, { class: "wallet", id: ids.merchant })).toBeUndefined();
    expect(checkAddressee(toMerchant, bob)?.code).toBe("wrong-audience");
    expect(checkAddressee({ ...toBob, receiverClass: "wallet" }, bob)?.code).toBe("wrong-audience");
  });

  test("takes it for exactly the request that it opened", () => {
    const { r, challenge } = toBob;
    const request = { r, challenge, amount: toBob.amount };
    expect(checkRequest(toBob, request)).toBeUndefined();
    expect(checkRequest(toBob, undefined)?.code).toBe("unknown-request");
    expect(checkRequest(toBob, { ...request, r: counter(r + 1) })?.code).toBe("unknown-request");
    expect(checkRequest(toBob, { ...request, amount: amount(1n) })?.code).toBe("request-mismatch");
    const other = challenge.with(7, challenge[7]! ^ 1);
    expect(checkRequest(toBob, { ...request, challenge: other })?.code).toBe("request-mismatch");
  });
});

test("no change of one byte makes another payment, or another sender's", () => {
  const bytes = signed(toBob);
  fc.assert(
    fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (place, flip) => {
      const pending = payVerify(bytes.with(place, bytes[place]! ^ flip), {
        trust: newTrust(),
        now: NOW,
      });
      if (!pending.ok) return;
      expect(runChecks(pending.value, verifier).ok).toBe(false);
    }),
    { numRuns: 200 },
  );
});

test("a payment is signed for its receiver under its sender's provider", () => {
  const of = { currency: EUR, home: names.bankA, sender: ids.alice, receiver: ids.bob };
  expect(paymentContext(of)).toEqual({
    currency: EUR,
    home: names.bankA,
    signer: ids.alice,
    audience: ids.bob,
  });
});

/** The other signature of the same message: n - s. */
function flipS(message: Uint8Array): Uint8Array {
  const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
  const s = BigInt(`0x${Buffer.from(message.slice(-32)).toString("hex")}`);
  const other = Buffer.from((order - s).toString(16).padStart(64, "0"), "hex");
  return Uint8Array.of(...message.slice(0, -32), ...other);
}
