import { createECDH, createHash, createPrivateKey } from "node:crypto";
import {
  checkSignature,
  concatBytes,
  decompress,
  fromHex,
  toHex,
  type CompressedKey,
  type PublicKey,
  type SyncSigner,
} from "@bezant/protocol";
import { nodeSigner, nodeVerifier } from "@bezant/pki/node";
import type { Random } from "./random.ts";

export interface Key extends SyncSigner {
  readonly secret: Uint8Array;
  readonly publicKey: PublicKey;
  /** x || y */
  readonly point: Uint8Array;
  /** SEC 1, 33 bytes. */
  readonly compressed: Uint8Array;
}

type Signing = (message: Uint8Array, secret: Uint8Array) => Uint8Array;

/**
 * Real P-256, paid for once: the same question gets the same answer. So two TAs that sign the same message make the
 * same signature, and their outputs can be compared byte for byte, although ECDSA is randomised.
 */
export class Crypto {
  readonly #verifier = nodeVerifier();
  readonly #verified = new Memo<boolean>();
  readonly #points = new Memo<Uint8Array | undefined>();
  readonly #signing: Signing | undefined;

  /** @param signing how to sign, where signatures have to follow from the message alone */
  constructor(signing?: Signing) {
    this.#signing = signing;
  }

  /** A key that follows from the randomness, so that a seed makes the same ids again. */
  newKey(random: Random): Key {
    return this.key(Uint8Array.of(0, ...random.bytes(31)));
  }

  /** The key of these 32 bytes. */
  key(secret: Uint8Array): Key {
    const ecdh = createECDH("prime256v1");
    ecdh.setPrivateKey(secret);
    const point = new Uint8Array(ecdh.getPublicKey()).subarray(1);
    const [x, y] = [point.subarray(0, 32), point.subarray(32)];
    const jwk = { kty: "EC", crv: "P-256", x: base64(x), y: base64(y) };
    const d = base64(ecdh.getPrivateKey());
    const signer = nodeSigner(createPrivateKey({ key: { ...jwk, d }, format: "jwk" }));
    const sign = this.#signing ?? ((message: Uint8Array) => signer.sign(message));
    const signed = new Memo<Uint8Array>();
    return {
      secret,
      publicKey: signer.publicKey,
      point,
      compressed: fromHex(signer.publicKey.compressed),
      sign: (message) => signed.get(toHex(message), () => sign(message, secret)),
    };
  }

  digest(data: Uint8Array): Uint8Array {
    return new Uint8Array(createHash("sha256").update(data).digest());
  }

  expand(key33: Uint8Array): Uint8Array | undefined {
    const key = toHex(key33);
    return this.#points.get(key, () => {
      const point = decompress(key as CompressedKey);
      return point.ok ? concatBytes(point.value.x, point.value.y) : undefined;
    });
  }

  verify(key33: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
    if (checkSignature(signature) !== undefined) return false;
    const key = toHex(key33) as CompressedKey;
    const question = `${key} ${toHex(signature)} ${toHex(this.digest(message))}`;
    return this.#verified.get(question, () => this.#verifier.verify({ key, message, signature }));
  }
}

const MEMO_SIZE = 20_000;

class Memo<V> {
  readonly #known = new Map<string, V>();

  get(question: string, answer: () => V): V {
    const known = this.#known.get(question);
    if (known !== undefined || this.#known.has(question)) return known as V;
    if (this.#known.size === MEMO_SIZE) this.#known.clear();
    const found = answer();
    this.#known.set(question, found);
    return found;
  }
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64url");
}

const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

/** The second signature that anybody can make from a good one: (r, n - s). ECDSA accepts both, Bezant only the low s. */
export function otherHalf(signature: Uint8Array): Uint8Array {
  const s = (2n * ORDER - BigInt(`0x0${toHex(signature.subarray(32))}`)) % ORDER;
  return concatBytes(signature.subarray(0, 32), fromHex(s.toString(16).padStart(64, "0")));
}
