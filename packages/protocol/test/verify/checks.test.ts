import { describe, expect, test } from "vitest";
import {
  andThen,
  pending,
  runChecks,
  runChecksAsync,
  type SignatureCheck,
} from "../../src/index.ts";
import { people } from "../../scripts/vectors/cast.ts";
import { withHighS } from "../../scripts/vectors/payments.ts";
import { asyncVerifier, countingVerifier, verifier } from "../support/verifier.ts";

const message = new TextEncoder().encode("message");
const check = (signature: Uint8Array, key = people.bankA.publicKey.compressed): SignatureCheck => ({
  key,
  message,
  signature,
});
const good = check(people.bankA.sign(message));
const stolen = check(people.mallory.sign(message));
const high = check(withHighS(good.signature));
const outOfRange = check(new Uint8Array(64));
const badSignature = { ok: false, error: { code: "bad-signature" } };

describe("what is pending", () => {
  test("is concluded once, and only if every check passes", async () => {
    for (const [checks, passes] of [
      [[], true],
      [[good, good], true],
      [[good, stolen], false],
      [[high], false],
      [[good, outOfRange], false],
    ] as const) {
      let concluded = 0;
      const value = pending(checks, () => (concluded += 1));
      const now = runChecks(value, verifier);
      const later = await runChecksAsync(value, asyncVerifier);
      expect([now, later]).toMatchObject(
        passes ? [{ value: 1 }, { value: 2 }] : [badSignature, badSignature],
      );
      expect(concluded).toBe(passes ? 2 : 0);
    }
  });

  test("asks no verifier about what no signer may send, and stops at the first bad one", async () => {
    const counting = countingVerifier();
    expect(
      runChecks(
        pending([high, good], () => 0),
        counting,
      ),
    ).toMatchObject(badSignature);
    expect(counting.count()).toBe(0);
    expect(
      runChecks(
        pending([stolen, good], () => 0),
        counting,
      ),
    ).toMatchObject(badSignature);
    expect(counting.count()).toBe(1);
    const asked: SignatureCheck[] = [];
    const recording = {
      verify: (one: SignatureCheck) => {
        asked.push(one);
        return asyncVerifier.verify(one);
      },
    };
    expect(
      await runChecksAsync(
        pending([good, high], () => 0),
        recording,
      ),
    ).toMatchObject(badSignature);
    expect(asked).toEqual([]);
  });

  test("is continued by more checks, which all have to pass", () => {
    const first = pending([good], () => 20);
    const both = andThen(first, [good], (value) => value + 1);
    expect(both.checks).toHaveLength(2);
    expect(runChecks(both, verifier)).toEqual({ ok: true, value: 21 });
    const spoilt = andThen(first, [stolen], (value) => value + 1);
    expect(runChecks(spoilt, verifier)).toMatchObject(badSignature);
  });
});
