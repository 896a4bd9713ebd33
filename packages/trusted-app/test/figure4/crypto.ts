// Sign and SigVerify of the paper's Table 1, over real P-256. The paper leaves open how values become bytes and which of
// the two ECDSA signatures counts; this port does what is common: JSON, and both.
import { toHex, type CompressedKey } from "@bezant/protocol";
import { nodeVerifier } from "@bezant/pki/node";
import type { Key } from "../world/crypto.ts";

export type Signature = Uint8Array;
/** A verification key is whatever bytes somebody calls one. */
export type VerificationKey = Uint8Array;
/** What is signed: bytes as they are, or a list of values. */
export type Value = Uint8Array | readonly unknown[];

const verifier = nodeVerifier();

/** `Sign(x, sk)` */
export function sign(x: Value, sk: Key): Signature {
  return sk.sign(toBytes(x));
}

/** `SigVerify(x, σ, vk)` */
export function sigVerify(x: Value, signature: Signature, vk: VerificationKey): boolean {
  const key = toHex(vk) as CompressedKey;
  return verifier.verify({ key, message: toBytes(x), signature });
}

/** Bytes as they are; a list as JSON. */
export function toBytes(x: Value): Uint8Array {
  if (x instanceof Uint8Array) return x;
  const text = JSON.stringify(x, (_, it: unknown) => (it instanceof Uint8Array ? toHex(it) : it));
  return new TextEncoder().encode(text);
}

/** `cert_A`, `T.cert`: a key, and the server's signature on it. */
export interface Certificate {
  readonly vk: VerificationKey;
  readonly sig: Signature;
}

/** `CertVerify(cert, vk_S)` */
function certVerify(cert: Certificate, vkS: VerificationKey): boolean {
  return sigVerify(cert.vk, cert.sig, vkS);
}

/** `TACertVerify(cert, vk_S)` */
export function taCertVerify(cert: Certificate, vkS: VerificationKey): boolean {
  return sigVerify([cert.vk, "TA"], cert.sig, vkS);
}

/** P of Table 1. */
export interface Payment {
  readonly amount: number;
  readonly sender: Certificate;
  readonly receiver: Certificate;
  readonly index: number;
  readonly time: number;
  readonly type: "Basic" | "Conditional";
  readonly sig: Signature;
}

/** `PayVerify(P)` (Figure 8): "verifies the certificates and σ". */
export function payVerify(P: Payment, vkS: VerificationKey): boolean {
  const { amount, sender, receiver, index, sig } = P;
  return (
    taCertVerify(sender, vkS) &&
    (certVerify(receiver, vkS) || taCertVerify(receiver, vkS)) &&
    sigVerify([amount, sender, receiver, index], sig, sender.vk)
  );
}

/** Whether two values are the same, down to the last byte: what `=` and `∈` mean in Figure 4. */
export function same(a: object, b: object): boolean {
  return toHex(toBytes([a])) === toHex(toBytes([b]));
}
