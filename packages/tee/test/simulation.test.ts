import { nodeVerifier } from "@bezant/pki/node";
import { fromHex, normaliseS, toHex } from "@bezant/protocol";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { makePrivateKey, nodeSignerFactory } from "../src/index.ts";
import { deterministicSigner, seededRandom } from "../src/simulation/index.ts";

describe("the deterministic signer", () => {
  it("signs as RFC 6979 does (§A.2.5), with s in the lower half", () => {
    const key = fromHex("c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721");
    const { sign, publicKey } = deterministicSigner(key);
    expect(toHex(publicKey.x)).toBe(
      "60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6",
    );
    const vectors = {
      sample:
        "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716" +
        "f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8",
      test:
        "f1abb023518351cd71d881567b1ea663ed3efcf6c5132b354f28d3b0b7d38367" +
        "019f4113742a2b14bd25926b49c649155f267e60d3814b4c0cc84250e46f0083",
    };
    for (const [message, signature] of Object.entries(vectors)) {
      expect(toHex(sign(new TextEncoder().encode(message)))).toBe(
        toHex(normaliseS(fromHex(signature))),
      );
    }
  });

  it("has the key that node:crypto has, and signs what it verifies", () => {
    const { verify } = nodeVerifier();
    const message = fc.uint8Array({ maxLength: 200 });
    fc.assert(
      fc.property(fc.string(), message, (seed, text) => {
        const privateKey = makePrivateKey(seededRandom(seed));
        const { sign, publicKey } = deterministicSigner(privateKey);
        expect(publicKey).toEqual(nodeSignerFactory(privateKey).publicKey);
        const signature = sign(text);
        expect(sign(text)).toEqual(signature);
        expect(verify({ key: publicKey.compressed, message: text, signature })).toBe(true);
      }),
      { numRuns: 30 },
    );
  });
});

describe("seeded randomness", () => {
  it("is the same stream however it is cut, and another for another seed", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(70), { maxLength: 8 }), (lengths) => {
        const cut = seededRandom("a");
        const parts = lengths.map((length) => toHex(cut(length))).join("");
        expect(parts).toBe(toHex(seededRandom("a")(parts.length / 2)));
      }),
    );
    expect(seededRandom("a")(32)).not.toEqual(seededRandom("b")(32));
  });
});
