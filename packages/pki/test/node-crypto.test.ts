import { generateKeyPairSync } from "node:crypto";
import { isLowS, type CompressedKey } from "@bezant/protocol";
import { describe, expect, it } from "vitest";
import {
  asyncNodeSigner,
  asyncNodeVerifier,
  exportPrivateKey,
  generatePrivateKey,
  importPrivateKey,
  KeyObjects,
  nodeSigner,
  nodeVerifier,
} from "../src/node/index.ts";

const message = new TextEncoder().encode("a message");

describe("node:crypto as signer and verifier", () => {
  it("signs low-s always, and both verifiers agree", async () => {
    const key = generatePrivateKey();
    const signers = [nodeSigner(key), asyncNodeSigner(importPrivateKey(exportPrivateKey(key)))];
    for (const signer of signers) {
      for (let i = 0; i < 32; i++) {
        const signature = await signer.sign(message);
        expect(isLowS(signature)).toBe(true);
        const check = { key: signer.publicKey.compressed, message, signature };
        expect(nodeVerifier().verify(check)).toBe(true);
        expect(await asyncNodeVerifier().verify(check)).toBe(true);
        const other = { ...check, message: new Uint8Array(9) };
        expect(nodeVerifier().verify(other)).toBe(false);
        expect(await asyncNodeVerifier().verify(other)).toBe(false);
      }
    }
  });

  it("says false for a key that is no point of the curve", async () => {
    const check = {
      key: `02${"00".repeat(31)}01` as CompressedKey,
      message,
      signature: new Uint8Array(64).fill(1),
    };
    expect(nodeVerifier().verify(check)).toBe(false);
    expect(await asyncNodeVerifier().verify(check)).toBe(false);
  });

  it("keeps at most as many keys as it was told to", () => {
    const keys = new KeyObjects(2);
    const [a, b, c] = [1, 2, 3].map(() => nodeSigner(generatePrivateKey()).publicKey.compressed);
    if (a === undefined || b === undefined || c === undefined) throw new Error("three keys");
    const first = keys.get(a);
    const second = keys.get(b);
    expect(keys.get(a)).toBe(first);
    keys.get(c);
    expect(keys.get(a)).toBe(first);
    expect(keys.get(b)).not.toBe(second);
  });

  it("refuses a private key of another curve", () => {
    const other = generateKeyPairSync("ec", { namedCurve: "P-384" }).privateKey;
    expect(() => importPrivateKey(exportPrivateKey(other))).toThrow("not a P-256 key");
  });
});
