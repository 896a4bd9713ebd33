import { createPublicKey, verify, type KeyObject } from "node:crypto";
import {
  decompress,
  type AsyncVerifier,
  type CompressedKey,
  type SignatureCheck,
  type Verifier,
} from "../../src/index.ts";

const keys = new Map<CompressedKey, KeyObject | undefined>();

/** OpenSSL's view of a check. It knows nothing of low-s: that is ours to refuse. */
export const verifier: Verifier = {
  verify({ key, message, signature }: SignatureCheck) {
    if (!keys.has(key)) keys.set(key, keyObject(key));
    const known = keys.get(key);
    if (known === undefined) return false;
    return verify("sha256", message, { key: known, dsaEncoding: "ieee-p1363" }, signature);
  },
};

export const asyncVerifier: AsyncVerifier = {
  verify: (check) => Promise.resolve(verifier.verify(check)),
};

/** A verifier that counts what it is asked. */
export function countingVerifier(): Verifier & { readonly count: () => number } {
  let count = 0;
  return {
    verify(check) {
      count += 1;
      return verifier.verify(check);
    },
    count: () => count,
  };
}

function keyObject(key: CompressedKey): KeyObject | undefined {
  const point = decompress(key);
  if (!point.ok) return undefined;
  const [x, y] = [point.value.x, point.value.y].map((c) => Buffer.from(c).toString("base64url"));
  return createPublicKey({
    format: "jwk",
    key: { kty: "EC", crv: "P-256", x: x as string, y: y as string },
  });
}
