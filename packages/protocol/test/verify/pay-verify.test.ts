import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  attach,
  payment,
  paymentContext,
  payVerify,
  runChecks,
  runChecksAsync,
  unwrap,
  type TrustStore,
} from "../../src/index.ts";
import {
  certificates,
  EUR,
  ids,
  names,
  newTrust,
  NOW,
  people,
} from "../../scripts/vectors/cast.ts";
import { toBob } from "../../scripts/vectors/examples.ts";
import { signedPayment as signed, withHighS } from "../../scripts/vectors/payments.ts";
import { asyncVerifier, verifier } from "../support/verifier.ts";

// What each rule refuses is in vectors/payments.json.

function refusalOf(
  bytes: Uint8Array,
  {
    trust = newTrust(),
    now = NOW,
  }: { readonly trust?: TrustStore; readonly now?: typeof NOW } = {},
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

  test("refuses a signature that OpenSSL takes but whose s is in the upper half", () => {
    const high = withHighS(signed(toBob));
    expect(payment.parse(high).ok).toBe(true);
    expect(refusalOf(high)).toBe("bad-signature");
    // So is it really only s: the other half verifies.
    expect(withHighS(high)).toEqual(signed(toBob));
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
