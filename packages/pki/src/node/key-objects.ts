import { createPublicKey, type KeyObject } from "node:crypto";
import { decompress, type CompressedKey, type PublicKey } from "@bezant/protocol";

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
    const point = decompress(key);
    if (!point.ok) return undefined;
    const imported = importPublicKey(point.value);
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

export function importPublicKey({ x, y }: PublicKey): KeyObject {
  const jwk = { kty: "EC", crv: "P-256", x: base64url(x), y: base64url(y) };
  return createPublicKey({ key: jwk, format: "jwk" });
}

function base64url(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64url");
}
