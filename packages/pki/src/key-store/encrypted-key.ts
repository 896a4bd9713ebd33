import {
  createCipheriv,
  createDecipheriv,
  randomBytes,
  scryptSync,
  type KeyObject,
} from "node:crypto";
import { err, fromHex, ok, toHex, type Result } from "@bezant/protocol";
import { exportPrivateKey, importPrivateKey, publicKeyOf } from "../node/signer.ts";

/**
 * A private key at rest: PKCS #8 under AES-256-GCM, the key of which scrypt (RFC 7914) derives from a passphrase. OpenSSL's
 * own encrypted PKCS #8 was not taken because Node writes it with 2,048 rounds of PBKDF2, which a graphics card undoes.
 */
export type EncryptedKey = {
  readonly format: "bezant-key-1";
  /** Compressed public key, authenticated with the rest. */
  readonly publicKey: string;
  readonly scrypt: { readonly N: number; readonly r: number; readonly p: number };
  readonly salt: string;
  readonly nonce: string;
  readonly ciphertext: string;
};

export type KeyStoreError = "key-file-malformed" | "wrong-passphrase";

/** What a person thought of, or at least 128 random bits, which nobody guesses at any cost. */
export type PassphraseOrigin = "person" | "random";

/** 128 MiB and some 0.3 s a try for a person's (RFC 7914 §2: memory is 128 * N * r bytes). */
const COSTS = {
  person: { N: 2 ** 17, r: 8, p: 1 },
  random: { N: 2 ** 10, r: 8, p: 1 },
} as const;
const MAX_MEMORY = 256 * 1024 * 1024;

export function encryptKey(
  key: KeyObject,
  passphrase: string,
  origin: PassphraseOrigin = "person",
): EncryptedKey {
  const cost = COSTS[origin];
  const publicKey = publicKeyOf(key).compressed;
  const salt = randomBytes(16);
  const nonce = randomBytes(12);
  const cipher = createCipheriv("aes-256-gcm", derive(passphrase, salt, cost), nonce);
  cipher.setAAD(Buffer.from(publicKey));
  const sealed = [cipher.update(exportPrivateKey(key)), cipher.final(), cipher.getAuthTag()];
  return {
    format: "bezant-key-1",
    publicKey,
    scrypt: { ...cost },
    salt: toHex(salt),
    nonce: toHex(nonce),
    ciphertext: toHex(Buffer.concat(sealed)),
  };
}

/** A wrong passphrase and a changed file look the same: the tag does not fit. */
export function decryptKey(
  file: EncryptedKey,
  passphrase: string,
): Result<KeyObject, KeyStoreError> {
  const sealed = fromHex(file.ciphertext);
  const decipher = createDecipheriv(
    "aes-256-gcm",
    derive(passphrase, fromHex(file.salt), file.scrypt),
    fromHex(file.nonce),
  );
  decipher.setAAD(Buffer.from(file.publicKey));
  decipher.setAuthTag(sealed.subarray(-16));
  try {
    const opened = Buffer.concat([decipher.update(sealed.subarray(0, -16)), decipher.final()]);
    return ok(importPrivateKey(opened));
  } catch {
    return err("wrong-passphrase");
  }
}

/** Reads the file's text; nothing in it is trusted, and its cost is bounded before scrypt runs. */
export function parseEncryptedKey(text: string): Result<EncryptedKey, KeyStoreError> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return err("key-file-malformed");
  }
  return isEncryptedKey(value) ? ok(value) : err("key-file-malformed");
}

function isEncryptedKey(value: unknown): value is EncryptedKey {
  const file = value as Partial<EncryptedKey> | null;
  return (
    typeof file === "object" &&
    file?.format === "bezant-key-1" &&
    isHex(file.publicKey, 33, 33) &&
    isHex(file.salt, 16, 16) &&
    isHex(file.nonce, 12, 12) &&
    isHex(file.ciphertext, 32, 1024) &&
    isCost(file.scrypt)
  );
}

function isCost(cost: EncryptedKey["scrypt"] | null | undefined): boolean {
  if (typeof cost !== "object" || cost === null) return false;
  const { N, r, p } = cost;
  const powerOfTwo = Number.isInteger(N) && N >= 2 && N <= 2 ** 17 && (N & (N - 1)) === 0;
  return powerOfTwo && r === COSTS.person.r && p === COSTS.person.p;
}

function isHex(value: unknown, min: number, max: number): value is string {
  const text = typeof value === "string" ? value : "";
  return /^(?:[0-9a-f]{2})+$/.test(text) && text.length >= 2 * min && text.length <= 2 * max;
}

function derive(passphrase: string, salt: Uint8Array, cost: EncryptedKey["scrypt"]): Buffer {
  return scryptSync(passphrase.normalize("NFKC"), salt, 32, { ...cost, maxmem: MAX_MEMORY });
}
