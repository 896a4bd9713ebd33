import { createECDH, createHash, createHmac } from "node:crypto";
import {
  concatBytes,
  fromHex,
  normaliseS,
  publicKey,
  toHex,
  unwrap,
  type PublicKey,
} from "@bezant/protocol";
import type { SignerFactory } from "../crypto/private-key.ts";

const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

/**
 * ECDSA whose nonce is a function of key and message (RFC 6979), so that a simulation gives the same bytes in every
 * run. Its arithmetic is not constant-time: for simulation only.
 */
export const deterministicSigner: SignerFactory = (privateKey) => {
  const d = toInteger(privateKey);
  const key = pointOf(privateKey);
  return {
    publicKey: unwrap(publicKey(key.x, key.y)),
    sign(message) {
      const h = createHash("sha256").update(message).digest();
      for (const k of nonces(privateKey, h)) {
        const r = toInteger(pointOf(toBytes(k)).x) % ORDER;
        const s = (inverse(k) * (toInteger(h) + r * d)) % ORDER;
        if (r !== 0n && s !== 0n) return normaliseS(concatBytes(toBytes(r), toBytes(s)));
      }
      throw new Error("no nonce");
    },
  };
};

/** RFC 6979 §3.2, with SHA-256 and a 256-bit order. */
function* nonces(privateKey: Uint8Array, h: Uint8Array): Generator<bigint> {
  const hmac = (key: Uint8Array, ...parts: Uint8Array[]): Uint8Array =>
    createHmac("sha256", key)
      .update(concatBytes(...parts))
      .digest();
  const seed = concatBytes(privateKey, toBytes(toInteger(h) % ORDER));
  let key: Uint8Array = new Uint8Array(32);
  let v: Uint8Array = new Uint8Array(32).fill(1);
  for (const step of [0, 1]) {
    key = hmac(key, v, new Uint8Array([step]), seed);
    v = hmac(key, v);
  }
  for (;;) {
    v = hmac(key, v);
    const k = toInteger(v);
    if (k > 0n && k < ORDER) yield k;
    key = hmac(key, v, new Uint8Array([0]));
    v = hmac(key, v);
  }
}

function pointOf(scalar: Uint8Array): Pick<PublicKey, "x" | "y"> {
  const ecdh = createECDH("prime256v1");
  ecdh.setPrivateKey(scalar);
  const point = ecdh.getPublicKey();
  return { x: new Uint8Array(point.subarray(1, 33)), y: new Uint8Array(point.subarray(33)) };
}

/** k⁻¹ mod n, by the extended Euclidean algorithm. */
function inverse(k: bigint): bigint {
  let [a, b, x, y] = [k, ORDER, 1n, 0n];
  while (b !== 0n) {
    const q = a / b;
    [a, b] = [b, a - q * b];
    [x, y] = [y, x - q * y];
  }
  return ((x % ORDER) + ORDER) % ORDER;
}

function toInteger(bytes: Uint8Array): bigint {
  return BigInt(`0x${toHex(bytes)}`);
}

function toBytes(value: bigint): Uint8Array {
  return fromHex(value.toString(16).padStart(64, "0"));
}
