import { createPublicKey, type KeyObject } from "node:crypto";
import { isCompressedKey, type CompressedKey } from "@bezant/protocol";

/** Some 5.7 KB each in Node: 4,096 of them are 23 MB. */
const DEFAULT_CAPACITY = 4096;

/** Imported public keys, least recently used first. Importing one costs more than twice a verification. */
export class KeyObjects {
  readonly #capacity: number;
  readonly #known = new Map<CompressedKey, KeyObject>();

  constructor(capacity: number = DEFAULT_CAPACITY) {
    this.#capacity = capacity;
  }

  /** Undefined for what is not a point of the curve; that is not remembered, so that junk cannot fill the cache. */
  get(key: CompressedKey): KeyObject | undefined {
    const known = this.#known.get(key);
    if (known !== undefined) {
      this.#known.delete(key);
      this.#known.set(key, known);
      return known;
    }
    const imported = importPublicKey(key);
    if (imported === undefined) return undefined;
    if (this.#known.size >= this.#capacity) this.#evictOldest();
    this.#known.set(key, imported);
    return imported;
  }

  #evictOldest(): void {
    for (const oldest of this.#known.keys()) {
      this.#known.delete(oldest);
      return;
    }
  }
}

/** SubjectPublicKeyInfo of a P-256 key (RFC 5480 §2) up to its compressed point, which OpenSSL solves and checks. */
const SPKI_PREFIX = "3039301306072a8648ce3d020106082a8648ce3d030107032200";

/** Undefined for what is not a point of the curve. */
export function importPublicKey(key: CompressedKey): KeyObject | undefined {
  if (!isCompressedKey(key)) return undefined;
  try {
    const spki = Buffer.from(SPKI_PREFIX + key, "hex");
    return createPublicKey({ key: spki, format: "der", type: "spki" });
  } catch {
    return undefined;
  }
}
