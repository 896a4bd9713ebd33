import { sha256 as nobleSha256 } from "@noble/hashes/sha2.js";
import type { CompressedKey, PublicKey } from "./cose/key.ts";

/** SHA-256 of these bytes: 32 bytes. */
export function sha256(message: Uint8Array): Uint8Array {
  return nobleSha256(message);
}

/**
 * One ECDSA P-256 with SHA-256 verification that somebody still has to do; `signature` is r || s, 64 bytes. Use
 * `verifySignature` or `runChecks`: they refuse what is not low-s before they ask a `Verifier`.
 */
export type SignatureCheck = {
  readonly key: CompressedKey;
  readonly message: Uint8Array;
  readonly signature: Uint8Array;
};

/** Says false, never throws, for any bytes and any key, also one that is not on the curve. */
export type Verifier = { readonly verify: (check: SignatureCheck) => boolean };
export type AsyncVerifier = { readonly verify: (check: SignatureCheck) => Promise<boolean> };

/** Signs with one private key that it alone holds; gives r || s, 64 bytes, low-s. */
export type Signer = {
  readonly publicKey: PublicKey;
  readonly sign: (message: Uint8Array) => Promise<Uint8Array>;
};
export type SyncSigner = {
  readonly publicKey: PublicKey;
  readonly sign: (message: Uint8Array) => Uint8Array;
};
