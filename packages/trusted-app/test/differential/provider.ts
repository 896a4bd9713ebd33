import {
  amount,
  counter,
  depositConfirmation,
  toHex,
  unwrap,
  withdrawal,
  type Limits,
  type PayeeId,
  type TaId,
} from "@bezant/protocol";
import type { Crypto } from "../world/crypto.ts";
import type { ProviderKey } from "../world/institutions.ts";
import {
  signAcknowledgement,
  signConfirmation,
  signProviderOutcome,
  signSync,
  type SyncAnswer,
} from "../world/signed.ts";
import type { FlyingPayment, Ledger } from "./ledger.ts";

interface Confirmation {
  readonly x: bigint;
  readonly bytes: Uint8Array;
  /** SHA-256 of the payload, in hex. */
  readonly digest: string;
  readonly key: ProviderKey;
}

interface Account {
  /** Confirmation d stands at d - 1. */
  readonly confirmations: Confirmation[];
  /** Withdrawals credited. */
  w: number;
  limits: Limits;
  serial: number;
}

/** A provider that does what the protocol says, on a ledger that sees everything. */
export class ModelProvider {
  /** Two keys: TAs know one of them and have to check the chain of the other. */
  readonly keys: readonly ProviderKey[];
  readonly #crypto: Crypto;
  readonly #ledger: Ledger;
  readonly #accounts = new Map<TaId, Account>();

  constructor(crypto: Crypto, ledger: Ledger, keys: readonly ProviderKey[]) {
    this.#crypto = crypto;
    this.#ledger = ledger;
    this.keys = keys;
  }

  get id(): ProviderKey["id"] {
    return this.keys[0]!.id;
  }

  open(ta: TaId, limits: Limits): Account {
    const account = this.#accounts.get(ta) ?? { confirmations: [], w: 0, limits, serial: 0 };
    this.#accounts.set(ta, account);
    return account;
  }

  account(ta: TaId): Account | undefined {
    return this.#accounts.get(ta);
  }

  /** The next confirmation of a deposit; the central bank issues what it takes. */
  deposit(ta: TaId, x: bigint, key: ProviderKey): void {
    this.#ledger.issue(x);
    this.#ledger.confirm(x);
    this.#confirm(ta, x, key);
  }

  /** The next confirmation gives a payment back. */
  refund(payment: FlyingPayment, key: ProviderKey): void {
    const ta = payment.sender as TaId;
    if (!this.#accounts.has(ta)) return;
    this.#ledger.refund(payment);
    this.#confirm(ta, payment.amount, key, payment.j);
  }

  /** Credits withdrawal S.w + 1, and no other. */
  credit(ta: TaId, message: Uint8Array): void {
    const account = this.#accounts.get(ta);
    const parsed = withdrawal.parse(message);
    if (account === undefined || !parsed.ok) return;
    const { w, amount: x } = parsed.value.payload;
    if (w !== account.w + 1) return;
    account.w = w;
    this.#ledger.credit(x);
  }

  acknowledge(ta: TaId, key: ProviderKey): Uint8Array {
    return signAcknowledgement(key, ta, this.#accounts.get(ta)?.w ?? 0);
  }

  sync(
    ta: TaId,
    request: { readonly nonce: Uint8Array; readonly j: number },
    answer: Omit<SyncAnswer, "nonce" | "limits" | "w">,
    key: ProviderKey,
  ): Uint8Array {
    const { w, limits } = this.#accounts.get(ta)!;
    return signSync(key, ta, { ...answer, nonce: request.nonce, limits, w });
  }

  dispose(payment: FlyingPayment, as: "claimed" | "declined", key: ProviderKey): Uint8Array {
    if (payment.fate === "in flight" && as === "claimed") this.#ledger.claim(payment);
    if (payment.fate === "in flight" && as === "declined") this.#ledger.decline(payment);
    const kind = payment.fate === "claimed" ? "claimed" : "never-settled";
    return signProviderOutcome(key, {
      kind,
      sender: payment.sender as TaId,
      j: counter(payment.j),
      amount: amount(payment.amount),
      receiver: payment.payee as PayeeId,
    });
  }

  /** After its retirement nothing can be applied any more. */
  close(ta: TaId, d: number): void {
    const left = this.#accounts.get(ta)?.confirmations.slice(d) ?? [];
    for (const { x } of left) this.#ledger.unconfirm(x);
    this.#accounts.delete(ta);
  }

  #confirm(ta: TaId, x: bigint, key: ProviderKey, refundOf?: number): void {
    const { confirmations } = this.#accounts.get(ta)!;
    const d = confirmations.length + 1;
    const terms = refundOf === undefined ? { d, x } : { d, x, refundOf };
    const bytes = signConfirmation(key, ta, terms);
    const { payloadBytes } = unwrap(depositConfirmation.parse(bytes));
    confirmations.push({ x, bytes, key, digest: toHex(this.#crypto.digest(payloadBytes)) });
  }
}
