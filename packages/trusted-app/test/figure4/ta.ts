// Figure 4 of the paper, line by line. For tests only: they show what goes wrong with it.
import type { Key } from "../world/crypto.ts";
import {
  payVerify,
  same,
  sign,
  sigVerify,
  taCertVerify,
  type Certificate,
  type Payment,
  type Signature,
  type VerificationKey,
} from "./crypto.ts";

/** "Abort if …" */
export class Abort extends Error {}

function abortIf(condition: boolean): void {
  if (condition) throw new Abort();
}

export class Figure4Ta {
  vk!: VerificationKey;
  sk!: Key;
  bal!: number;
  cert: Certificate | undefined;
  inPaymentLog!: Payment[];
  i!: number;
  j!: number;
  readonly #vkS: VerificationKey;
  readonly #keyGen: () => Key;
  readonly #attest: (vk: VerificationKey) => Signature;

  /** vk_S is global; TOS.Attest signs with D.sk. */
  constructor(vkS: VerificationKey, keyGen: () => Key, attest: (vk: VerificationKey) => Signature) {
    this.#vkS = vkS;
    this.#keyGen = keyGen;
    this.#attest = attest;
  }

  init(): readonly [vk: VerificationKey, sigma: Signature] {
    // 1. (T.vk, T.sk) ← KeyGen(1^λ); T.bal ← 0; T.cert = ⊥; T.inPaymentLog ← ⊥; T.i ← 0; T.j ← 0
    this.sk = this.#keyGen();
    this.vk = this.sk.compressed;
    this.bal = 0;
    this.cert = undefined;
    this.inPaymentLog = [];
    this.i = 0;
    this.j = 0;
    // 2. σ ← TOS.Attest(T.vk)
    const sigma = this.#attest(this.vk);
    // 3. Output (T.vk, σ)
    return [this.vk, sigma];
  }

  certInit(cert: Certificate): void {
    // 1. Abort if TACertVerify(cert, T.vk_S) ≠ 1
    abortIf(!taCertVerify(cert, this.#vkS));
    // 2. T.cert ← cert
    this.cert = cert;
  }

  deposit(x: number, i: number, sigmaS: Signature): void {
    // 1. Abort if T.cert = ⊥ or i ≠ T.i + 1 or SignVerify([T.vk, x, i], σ_S, vk_S) ≠ 1
    abortIf(this.cert === undefined || i !== this.i + 1);
    abortIf(!sigVerify([this.vk, x, i], sigmaS, this.#vkS));
    // 2. T.bal ← T.bal + x
    this.bal += x;
    // 3. T.i ← T.i + 1
    this.i += 1;
  }

  withdraw(x: number): readonly [x: number, i: number, sigma: Signature] {
    // 1. Abort if T.cert = ⊥ or x > T.bal
    abortIf(this.cert === undefined || x > this.bal);
    // 2. T.bal = T.bal - x
    this.bal -= x;
    // 3. T.i = T.i + 1
    this.i += 1;
    // 4. Output [x, T.i, σ], where σ = Sign([x, T.i], T.sk)
    return [x, this.i, sign([x, this.i], this.sk)];
  }

  /** P.time is the caller's: no line of Figure 4 sets it. */
  pay(x: number, receiver: Certificate, time = 0): Payment {
    // 1. Abort if T.cert = ⊥ or T.bal < x
    const { cert: sender } = this;
    if (sender === undefined || this.bal < x) throw new Abort();
    // 2. T.bal ← T.bal - x
    this.bal -= x;
    // 3. T.j ← T.j + 1
    this.j += 1;
    // 4. P.amount ← x; P.sender ← T.cert; P.receiver ← receiver; P.index ← T.j
    const P = { amount: x, sender, receiver, index: this.j, time, type: "Basic" } as const;
    // 5. Output P, where P.sig ← Sign([P.amount, P.sender, P.receiver, P.index], T.sk)
    return { ...P, sig: sign([P.amount, P.sender, P.receiver, P.index], this.sk) };
  }

  collect(P: Payment): void {
    // 1. Abort if T.cert = ⊥ or PayVerify(P) ≠ 1 or P.receiver ≠ T.cert or P ∈ T.inPaymentLog
    const { cert } = this;
    abortIf(cert === undefined || !payVerify(P, this.#vkS) || !same(P.receiver, cert));
    abortIf(this.inPaymentLog.some((known) => same(known, P)));
    // 2. T.bal ← T.bal + P.amount
    this.bal += P.amount;
    // 3. Append P to T.inPaymentLog
    this.inPaymentLog.push(P);
  }

  getBalance(): readonly [bal: number, i: number, sigma: Signature] {
    // 1. Abort if T.cert = ⊥
    abortIf(this.cert === undefined);
    // 2. Output [T.bal, T.i, σ], where σ = Sign([T.bal, T.i], T.sk)
    return [this.bal, this.i, sign([this.bal, this.i], this.sk)];
  }
}
