// The server S of Figures 2, 3, 5, 6 and 9, as the paper's text describes them. For tests only.
import { toHex } from "@bezant/protocol";
import type { Key } from "../world/crypto.ts";
import {
  payVerify,
  same,
  sign,
  sigVerify,
  type Certificate,
  type Payment,
  type Signature,
  type VerificationKey,
} from "./crypto.ts";
import { Abort } from "./ta.ts";

interface Client {
  onBal: number;
  i: number;
  taVk: VerificationKey | undefined;
}

export class Figure4Server {
  readonly vk: VerificationKey;
  readonly #sk: Key;
  readonly #registry = new Map<string, Client>();
  readonly #inPaymentLog: Payment[] = [];
  readonly #oemVerify: (vk: VerificationKey, sigma: Signature) => boolean;

  constructor(sk: Key, oemVerify: (vk: VerificationKey, sigma: Signature) => boolean) {
    this.#sk = sk;
    this.vk = sk.compressed;
    this.#oemVerify = oemVerify;
  }

  /** Figure 2: "a signature by the server on the client's verification key". */
  register(vk: VerificationKey): Certificate {
    this.#registry.set(toHex(vk), { onBal: 0, i: 0, taVk: undefined });
    return { vk, sig: sign(vk, this.#sk) };
  }

  /** Figure 3: "after verifying the attestation, certifies the key". */
  registerTa(vk: VerificationKey, taVk: VerificationKey, sigma: Signature): Certificate {
    if (!this.#oemVerify(taVk, sigma)) throw new Abort();
    this.client(vk).taVk = taVk;
    return { vk: taVk, sig: sign([taVk, "TA"], this.#sk) };
  }

  /** Figure 5 */
  deposit(vk: VerificationKey, x: number): readonly [x: number, i: number, sigma: Signature] {
    const client = this.client(vk);
    if (client.onBal < x) throw new Abort();
    client.onBal -= x;
    client.i += 1;
    return [x, client.i, sign([client.taVk, x, client.i], this.#sk)];
  }

  /** Figure 6 */
  withdraw(vk: VerificationKey, x: number, i: number, sigma: Signature): void {
    const client = this.client(vk);
    const { taVk } = client;
    if (i !== client.i + 1 || taVk === undefined || !sigVerify([x, i], sigma, taVk)) {
      throw new Abort();
    }
    client.onBal += x;
    client.i = i;
  }

  /** Figure 9: "checks that the payment is valid and that it is a fresh payment". */
  claim(vk: VerificationKey, P: Payment): void {
    if (!payVerify(P, this.vk) || this.#inPaymentLog.some((it) => same(it, P))) throw new Abort();
    this.client(vk).onBal += P.amount;
    this.#inPaymentLog.push(P);
  }

  client(vk: VerificationKey): Client {
    const client = this.#registry.get(toHex(vk));
    if (client === undefined) throw new Abort();
    return client;
  }
}
