import { importPrivateKey, nodeSigner } from "@bezant/pki/node";
import { concatBytes, fromHex, toHex, type SyncSigner } from "@bezant/protocol";

/** Gives this many random bytes. */
export type Random = (length: number) => Uint8Array;

/** The order n of P-256 (SP 800-186 §3.2.1.3). */
const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
const EXTRA_RANDOM = 40;

/** PrivateKeyInfo (RFC 5208) of an ECPrivateKey (RFC 5915) on P-256 without its public key, up to the 32 bytes. */
const PKCS8_HEAD = fromHex(
  "3041020100301306072a8648ce3d020106082a8648ce3d030107042730250201010420",
);

/** A new P-256 private key, 32 bytes big-endian, from 40 random ones (FIPS 186-5 §A.2.1). */
export function makePrivateKey(random: Random): Uint8Array {
  const c = BigInt(`0x${toHex(random(EXTRA_RANDOM))}`);
  const d = (c % (ORDER - 1n)) + 1n;
  return fromHex(d.toString(16).padStart(64, "0"));
}

/** Signs with the private key of these 32 bytes. */
export type SignerFactory = (privateKey: Uint8Array) => SyncSigner;

/** In node:crypto: some 30 µs a signature. */
export const nodeSignerFactory: SignerFactory = (privateKey) =>
  nodeSigner(importPrivateKey(concatBytes(PKCS8_HEAD, privateKey)));
