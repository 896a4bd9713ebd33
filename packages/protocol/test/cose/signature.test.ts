import { createPublicKey, generateKeyPairSync, sign, verify } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { checkSignature, fromHex, isLowS, normaliseS, toHex } from "../../src/index.ts";

// P-256's order and what lies around it, as Wycheproof's ecdsa_secp256r1_sha256_p1363_test.json probes r and s.
const N = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
const HALF = (N - 1n) / 2n;
const P = 0xffffffff00000001000000000000000000000000ffffffffffffffffffffffffn;

const word = (n: bigint): string => n.toString(16).padStart(64, "0");
const signature = (r: bigint, s: bigint): Uint8Array => fromHex(word(r) + word(s));
const scalars = fc.oneof(
  fc.bigInt({ min: 1n, max: N - 1n }),
  fc.bigInt({ min: HALF - 3n, max: HALF + 3n }),
  fc.bigInt({ min: 1n, max: 300n }),
  fc.bigInt({ min: N - 300n, max: N - 1n }),
);

describe("a signature", () => {
  test.each([
    ["r = 0", 0n, 1n],
    ["s = 0", 1n, 0n],
    ["both 0", 0n, 0n],
    ["r = n", N, 1n],
    ["s = n", 1n, N],
    ["r = n + 1", N + 1n, 1n],
    ["r = p", P, 1n],
    ["s = n + 1", 1n, N + 1n],
    ["s = 2^256 - 1", 1n, 2n ** 256n - 1n],
    ["r = 2^256 - 1", 2n ** 256n - 1n, 1n],
  ])("with %s is malformed", (_, r, s) => {
    expect(checkSignature(signature(r, s))).toBe("signature-malformed");
    expect(() => normaliseS(signature(r, s))).toThrow(RangeError);
  });

  test("may have every byte of r but the first or the last zero", () => {
    expect(checkSignature(signature(1n << 248n, 1n))).toBeUndefined();
    expect(checkSignature(signature(1n, 1n << 248n))).toBeUndefined();
  });

  test.each([0, 63, 65, 128])("of %i bytes is malformed", (length) => {
    const bytes = new Uint8Array(length).fill(1);
    expect(checkSignature(bytes)).toBe("signature-malformed");
    expect(isLowS(bytes)).toBe(false);
    expect(() => normaliseS(bytes)).toThrow(RangeError);
  });

  test("is accepted with s up to (n-1)/2 and refused above", () => {
    for (const s of [1n, HALF - 1n, HALF]) {
      expect(checkSignature(signature(N - 1n, s))).toBeUndefined();
      expect(isLowS(signature(1n, s))).toBe(true);
    }
    for (const s of [HALF + 1n, N - 1n]) {
      expect(checkSignature(signature(1n, s))).toBe("signature-not-low-s");
      expect(isLowS(signature(1n, s))).toBe(false);
    }
  });

  test("has exactly one accepted form, which normalising finds", () => {
    fc.assert(
      fc.property(scalars, scalars, (r, s) => {
        const low = s <= HALF ? s : N - s;
        const given = signature(r, s);
        expect(toHex(normaliseS(given))).toBe(word(r) + word(low));
        expect(checkSignature(given) === undefined).toBe(s <= HALF);
        expect(toHex(given)).toBe(word(r) + word(s));
      }),
    );
  });

  test("still verifies after normalising, and so does its mirror image", () => {
    const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const key = {
      key: createPublicKey(publicKey.export({ format: "pem", type: "spki" })),
      dsaEncoding: "ieee-p1363",
    } as const;
    for (let i = 0; i < 16; i++) {
      const message = Buffer.from(`message ${i}`);
      const normal = normaliseS(
        sign("sha256", message, { key: privateKey, dsaEncoding: "ieee-p1363" }),
      );
      expect(checkSignature(normal)).toBeUndefined();
      expect(verify("sha256", message, key, normal)).toBe(true);
      // The second signature of the same message, which is why the upper half is refused.
      const s = BigInt(`0x${toHex(normal.subarray(32))}`);
      const mirror = signature(BigInt(`0x${toHex(normal.subarray(0, 32))}`), N - s);
      expect(verify("sha256", message, key, mirror)).toBe(true);
      expect(checkSignature(mirror)).toBe("signature-not-low-s");
      expect(normaliseS(mirror)).toEqual(normal);
    }
  });
});
