import { createHash, generateKeyPairSync, sign, verify, type KeyObject } from "node:crypto";

// The server S as Figures 2, 3, 5, 6 and 9 of the paper describe it, and what a client of it can sign. For tests only:
// they show what goes wrong with it. Values become bytes as JSON, which the paper leaves open.

export type Bytes = Uint8Array;
type Value = Bytes | readonly unknown[];

export interface PaperKey {
  readonly sk: KeyObject;
  readonly vk: Bytes;
}

/** A verification key is whatever bytes somebody calls one. */
export interface PaperCertificate {
  readonly vk: Bytes;
  readonly sig: Bytes;
}

export interface PaperPayment {
  readonly amount: number;
  readonly sender: PaperCertificate;
  readonly receiver: PaperCertificate;
  readonly index: number;
  readonly time: number;
  readonly sig: Bytes;
}

export class Abort extends Error {}

export function keyGen(): PaperKey {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  return { sk: privateKey, vk: publicKey.export({ type: "spki", format: "der" }) };
}

export function toBytes(x: Value): Bytes {
  if (x instanceof Uint8Array) return x;
  const hex = (_: string, it: unknown): unknown =>
    it instanceof Uint8Array ? Buffer.from(it).toString("hex") : it;
  return Buffer.from(JSON.stringify(x, hex));
}

/** `Sign(x, sk)` */
export function paperSign(x: Value, { sk }: PaperKey): Bytes {
  return sign("sha256", toBytes(x), { key: sk, dsaEncoding: "ieee-p1363" });
}

/** `SigVerify(x, σ, vk)` */
export function sigVerify(x: Value, sigma: Bytes, vk: Bytes): boolean {
  try {
    const key = { key: Buffer.from(vk), format: "der", type: "spki" } as const;
    return verify("sha256", toBytes(x), { ...key, dsaEncoding: "ieee-p1363" }, sigma);
  } catch {
    return false;
  }
}

/** `Pay` of Figure 4, as far as the server sees it. */
export function paperPay(
  ta: PaperKey,
  sender: PaperCertificate,
  receiver: PaperCertificate,
  amount: number,
  index: number,
): PaperPayment {
  const sig = paperSign([amount, sender, receiver, index], ta);
  return { amount, sender, receiver, index, time: 0, sig };
}

interface Client {
  onBal: number;
  i: number;
  taVk: Bytes | undefined;
}

const digest = (x: Value): string => createHash("sha256").update(toBytes(x)).digest("hex");

export class PaperServer {
  readonly key = keyGen();
  readonly #registry = new Map<string, Client>();
  readonly #inPaymentLog = new Set<string>();
  readonly #oem: Bytes;

  constructor(oem: Bytes) {
    this.#oem = oem;
  }

  client(vk: Bytes): Client {
    const client = this.#registry.get(digest(vk));
    if (client === undefined) throw new Abort();
    return client;
  }

  /** Figure 2: "a signature by the server on the client's verification key". */
  register(vk: Bytes, onBal = 0): PaperCertificate {
    this.#registry.set(digest(vk), { onBal, i: 0, taVk: undefined });
    return { vk, sig: paperSign(vk, this.key) };
  }

  /** Figure 3: "after verifying the attestation, certifies the key". */
  registerTa(vk: Bytes, taVk: Bytes, sigma: Bytes): PaperCertificate {
    if (!sigVerify(taVk, sigma, this.#oem)) throw new Abort();
    this.client(vk).taVk = taVk;
    return { vk: taVk, sig: paperSign([taVk, "TA"], this.key) };
  }

  /** Figure 5 */
  deposit(vk: Bytes, x: number): readonly [x: number, i: number, sigma: Bytes] {
    const client = this.client(vk);
    if (client.onBal < x) throw new Abort();
    client.onBal -= x;
    client.i += 1;
    return [x, client.i, paperSign([client.taVk, x, client.i], this.key)];
  }

  /** Figure 6 */
  withdraw(vk: Bytes, x: number, i: number, sigma: Bytes): void {
    const client = this.client(vk);
    const { taVk } = client;
    if (i !== client.i + 1 || taVk === undefined || !sigVerify([x, i], sigma, taVk)) {
      throw new Abort();
    }
    client.onBal += x;
    client.i = i;
  }

  /** Figure 9: "checks that the payment is valid and that it is a fresh payment". */
  claim(vk: Bytes, P: PaperPayment): void {
    const { amount, sender, receiver, index, sig } = P;
    const certified = sigVerify([sender.vk, "TA"], sender.sig, this.key.vk);
    if (!certified || !sigVerify([amount, sender, receiver, index], sig, sender.vk)) {
      throw new Abort();
    }
    if (this.#inPaymentLog.has(digest([P]))) throw new Abort();
    this.client(vk).onBal += amount;
    this.#inPaymentLog.add(digest([P]));
  }
}
