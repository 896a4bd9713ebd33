// An ECDSA signature here is r || s, 64 bytes. Plain byte arithmetic, because the TA has no big integers either.
import { fromHex } from "../hex.ts";

/** The order n of P-256 (FIPS 186-5, SP 800-186 §3.2.1.3). */
const ORDER = fromHex("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551");
/** (n - 1) / 2: the largest s that is low. */
const HALF = fromHex("7fffffff800000007fffffffffffffffde737d56d38bcf4279dce5617e3192a8");

export const SIGNATURE_SIZE = 64;

export type SignatureError = "signature-malformed" | "signature-not-low-s";

/**
 * Why this is not a signature that may go over the wire, or undefined if it may: 64 bytes, r and s in 1..n-1, and s
 * in the lower half, so that nobody can turn one signature into a second one of the same message.
 */
export function checkSignature(signature: Uint8Array): SignatureError | undefined {
  if (signature.length !== SIGNATURE_SIZE) return "signature-malformed";
  if (!inRange(signature, 0) || !inRange(signature, 32)) return "signature-malformed";
  return compareAt(signature, 32, HALF) <= 0 ? undefined : "signature-not-low-s";
}

/** Whether s is in the lower half; says nothing about r. */
export function isLowS(signature: Uint8Array): boolean {
  return signature.length === SIGNATURE_SIZE && compareAt(signature, 32, HALF) <= 0;
}

/** The same signature with s in the lower half, as every signer must send it. A malformed one is a bug and throws. */
export function normaliseS(signature: Uint8Array): Uint8Array {
  const error = checkSignature(signature);
  if (error === "signature-malformed") throw new RangeError("not an ECDSA P-256 signature");
  const normal = Uint8Array.from(signature);
  if (error === undefined) return normal;
  let borrow = 0;
  for (let i = 31; i >= 0; i--) {
    const difference = (ORDER[i] as number) - (signature[32 + i] as number) - borrow;
    borrow = difference < 0 ? 1 : 0;
    normal[32 + i] = difference;
  }
  return normal;
}

function inRange(signature: Uint8Array, from: number): boolean {
  let any = 0;
  for (let i = 0; i < 32; i++) any |= signature[from + i] as number;
  return any !== 0 && compareAt(signature, from, ORDER) < 0;
}

function compareAt(signature: Uint8Array, from: number, bound: Uint8Array): number {
  for (let i = 0; i < 32; i++) {
    const difference = (signature[from + i] as number) - (bound[i] as number);
    if (difference !== 0) return difference;
  }
  return 0;
}
