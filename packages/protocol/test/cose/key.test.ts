import { createHash, createPublicKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import { encode as cborgEncode, rfc8949EncodeOptions } from "cborg";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  coseKey,
  confirmation,
  decode,
  decompress,
  deviceIdOf,
  encode,
  fromHex,
  idToBytes,
  isCompressedKey,
  keyIdOf,
  maxSize,
  providerId,
  publicKey,
  taIdOf,
  thumbprint,
  toHex,
  unwrap,
  walletIdOf,
  type CompressedKey,
  type PublicKey,
} from "../../src/index.ts";

const P = 0xffffffff00000001000000000000000000000000ffffffffffffffffffffffffn;
const word = (n: bigint): Uint8Array => fromHex(n.toString(16).padStart(64, "0"));

/** The example key of RFC 9679 §6. */
const example = unwrap(
  publicKey(
    fromHex("65eda5a12577c2bae829437fe338701a10aaa375e1bb5b5de108de439c08551d"),
    fromHex("1e52ed75701163f7f9e40ddf9f341b3dc9ba860af7e0ca7ca7e9eecd0084d19c"),
  ),
);

function coordinates(key: KeyObject): readonly [Uint8Array, Uint8Array] {
  const { x = "", y = "" } = key.export({ format: "jwk" });
  const bytes = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, "base64url"));
  return [bytes(x), bytes(y)];
}

function freshKey(): PublicKey {
  return unwrap(
    publicKey(...coordinates(generateKeyPairSync("ec", { namedCurve: "P-256" }).publicKey)),
  );
}

describe("a thumbprint (RFC 9679)", () => {
  test("is the RFC's for the RFC's example key", () => {
    const expected = "496bd8afadf307e5b08c64b0421bf9dc01528a344a43bda88fadd1669da253ec";
    expect(toHex(thumbprint(example))).toBe(expected);
    expect(keyIdOf(example)).toBe(expected.slice(0, 16));
    expect(taIdOf(example)).toBe(expected);
    expect(deviceIdOf(example)).toBe(expected);
  });

  test("is over y in full, also for a key that came compressed", () => {
    const key = unwrap(decompress(example.compressed));
    expect(thumbprint(key)).toEqual(thumbprint(example));
  });
});

test("a wallet id is bound to its provider, and is no thumbprint", () => {
  const expected = createHash("sha256")
    .update(cborgEncode(["bezant wallet", "bank-a", thumbprint(example)], rfc8949EncodeOptions))
    .digest();
  const id = walletIdOf(providerId("bank-a"), example);
  expect(idToBytes(id)).toEqual(Uint8Array.from(expected));
  expect(walletIdOf(providerId("bank-b"), example)).not.toBe(id);
  expect(id).not.toBe(taIdOf(example));
});

describe("a public key", () => {
  test("goes through its compressed form, as node:crypto understands it", () => {
    const odd = { yes: 0, no: 0 };
    for (let i = 0; i < 24; i++) {
      const key = freshKey();
      expect(unwrap(decompress(key.compressed))).toEqual(key);
      odd[key.compressed.startsWith("03") ? "yes" : "no"] += 1;
      // SubjectPublicKeyInfo of a compressed P-256 point (RFC 5480 §2).
      const der = Buffer.from(
        `3039301306072a8648ce3d020106082a8648ce3d030107032200${key.compressed}`,
        "hex",
      );
      const [x, y] = coordinates(createPublicKey({ key: der, format: "der", type: "spki" }));
      expect({ x, y }).toEqual({ x: key.x, y: key.y });
    }
    expect(odd.yes).toBeGreaterThan(0);
    expect(odd.no).toBeGreaterThan(0);
  });

  test("is not decompressed from an x that node:crypto finds on no point either", () => {
    const seen = { on: 0, off: 0 };
    const xs = fc.oneof(fc.bigInt({ min: 0n, max: P - 1n }), fc.bigInt({ min: 0n, max: 3n }));
    fc.assert(
      fc.property(xs, fc.boolean(), (x, isOdd) => {
        const compressed = `${isOdd ? "03" : "02"}${toHex(word(x))}` as CompressedKey;
        const der = Buffer.from(
          `3039301306072a8648ce3d020106082a8648ce3d030107032200${compressed}`,
          "hex",
        );
        let known = true;
        try {
          createPublicKey({ key: der, format: "der", type: "spki" });
        } catch {
          known = false;
        }
        expect(decompress(compressed).ok).toBe(known);
        seen[known ? "on" : "off"] += 1;
      }),
      { numRuns: 200 },
    );
    expect(seen.on).toBeGreaterThan(0);
    expect(seen.off).toBeGreaterThan(0);
  });

  test("is refused off the curve, out of the field, or of another length", () => {
    const { x, y } = example;
    const bumped = Uint8Array.from(y, (byte, i) => (i === 31 ? byte ^ 1 : byte));
    const mirrored = word(P - BigInt(`0x${toHex(y)}`));
    expect(publicKey(x, mirrored).ok).toBe(true);
    for (const [badX, badY] of [
      [x, bumped],
      [y, x],
      [new Uint8Array(32), new Uint8Array(32)],
      [x.subarray(1), y],
      [x, new Uint8Array(33)],
      [word(P), y],
      [x, word(2n ** 256n - 1n)],
    ] as const) {
      expect(publicKey(badX, badY)).toEqual({ ok: false, error: "bad-key" });
    }
  });

  test("is refused where a coordinate is written with p added", () => {
    // x = 5 is on the curve, and 5 + p still fits 32 bytes: the same point in a second form.
    const five = unwrap(decompress(`02${toHex(word(5n))}` as CompressedKey));
    expect(publicKey(five.x, five.y).ok).toBe(true);
    expect(publicKey(word(5n + P), five.y)).toEqual({ ok: false, error: "bad-key" });
    expect(decompress(`02${toHex(word(5n + P))}` as CompressedKey)).toEqual({
      ok: false,
      error: "bad-key",
    });
  });

  test.each([
    "",
    "02",
    `04${"00".repeat(32)}`,
    `02${"00".repeat(31)}`,
    `02${"AA".repeat(32)}`,
    `00${"00".repeat(32)}`,
  ])("is not decompressed from %j", (text) => {
    expect(isCompressedKey(text)).toBe(false);
    expect(decompress(text as CompressedKey)).toEqual({ ok: false, error: "bad-key" });
  });

  test("cannot be made up without a check", () => {
    // @ts-expect-error coordinates alone are no key
    const forged: PublicKey = { x: example.x, y: example.x, compressed: example.compressed };
    expect(publicKey(forged.x, forged.y).ok).toBe(false);
  });
});

describe("a COSE_Key (RFC 9053 §7.1.1)", () => {
  const compressedExample = "a401022001215820" + toHex(example.x) + "22f4";

  test("is EC2 on P-256 with the sign of y, 42 bytes", () => {
    expect(toHex(encode(coseKey, example.compressed))).toBe(compressedExample);
    expect(unwrap(decode(coseKey, fromHex(compressedExample)))).toBe(example.compressed);
    expect(maxSize(coseKey)).toBe(42);
    expect(toHex(encode(confirmation, example.compressed))).toBe("a101" + compressedExample);
  });

  test("round-trips with either sign", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), fc.boolean(), (x, isOdd) => {
        const key = `${isOdd ? "03" : "02"}${toHex(x)}` as CompressedKey;
        expect(unwrap(decode(confirmation, encode(confirmation, key)))).toBe(key);
      }),
    );
  });

  test.each([
    ["an OKP key", "out-of-range", "a401012001215820" + "00".repeat(32) + "22f4"],
    ["another curve", "out-of-range", "a401022002215820" + "00".repeat(32) + "22f4"],
    ["a short x", "bad-length", "a40102200121581f" + "00".repeat(31) + "22f4"],
    ["no y", "missing-key", "a301022001215820" + "00".repeat(32)],
    ["an alg and no y", "unknown-key", "a401020328" + "2001215820" + "00".repeat(32)],
  ])("is refused with %s", (_, code, hex) => {
    expect(decode(coseKey, fromHex(hex))).toMatchObject({ ok: false, error: { code } });
  });

  test("is refused with y in full: a key has one form on the wire", () => {
    const full = "a401022001215820" + toHex(example.x) + "225820" + toHex(example.y);
    expect(decode(coseKey, fromHex(full)).ok).toBe(false);
  });
});
