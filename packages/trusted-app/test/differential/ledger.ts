import assert from "node:assert/strict";
import type { TaState } from "../../src/reference/index.ts";

export type Fate = "in flight" | "collected" | "claimed" | "declined" | "refunded";

export interface FlyingPayment {
  readonly sender: string;
  readonly j: number;
  readonly payee: string;
  readonly r: number;
  readonly amount: bigint;
  fate: Fate;
}

/**
 * Where every unit of money is, as an onlooker sees it who reads all states: what TAs commit, what providers book, and
 * what is under way between them. It believes no message.
 */
export class Ledger {
  readonly payments = new Map<string, FlyingPayment>();
  /** Set by the world: whether this sender's TEE is broken, so that its signature proves nothing. */
  isBroken: (sender: string) => boolean = () => false;
  /** Set by the world: digest of the confirmation that a TA's provider really issued under this number. */
  issued: (ta: string, d: number) => string | undefined = () => undefined;
  #supply = 0n;
  #online = 0n;
  readonly #held = new Map<string, bigint>();
  /** Confirmations not applied, withdrawals not credited, payments neither collected nor claimed nor refunded. */
  #underWay = 0n;
  /** What a broken TEE, or a provider's stolen key, made out of nothing, and somebody took in good faith. */
  counterfeit = 0n;

  /** The central bank issues money to an online account. */
  issue(x: bigint): void {
    this.#supply += x;
    this.#online += x;
  }

  /** Online money becomes a confirmation. */
  confirm(x: bigint): void {
    this.#online -= x;
    this.#underWay += x;
  }

  /** A confirmation that can never be applied goes back online. */
  unconfirm(x: bigint): void {
    this.#online += x;
    this.#underWay -= x;
  }

  /** A withdrawal reaches the online account. */
  credit(x: bigint): void {
    this.#online += x;
    this.#underWay -= x;
  }

  find(sender: string, j: number): FlyingPayment | undefined {
    return this.payments.get(`${sender} ${j}`);
  }

  /** The receiver's provider books a claim: online money. */
  claim(payment: FlyingPayment): void {
    this.#land(payment, "claimed", ["in flight"]);
    this.#online += payment.amount;
    this.#underWay -= payment.amount;
  }

  decline(payment: FlyingPayment): void {
    this.#land(payment, "declined", ["in flight"]);
  }

  /** The sender's provider turns a payment into a confirmation; it stays under way. */
  refund(payment: FlyingPayment): void {
    this.#land(payment, "refunded", ["in flight", "declined"]);
  }

  /** Reads from two states of one TA what its command did. */
  observe(before: TaState | undefined, after: TaState): void {
    const old = before?.id === after.id ? before : undefined;
    const { balance } = after;
    if (old === undefined) assert.equal(balance, 0n, "a new instance holds nothing");
    const totals = after.deposited + after.collected - after.withdrawn - after.paid;
    assert.equal(balance, totals, "totals add up");
    this.#held.set(after.id, balance);
    this.#observeDeposit(old, after);
    this.#underWay += after.withdrawn - (old?.withdrawn ?? 0n);
    this.#observePayment(old, after);
    this.#observeCollection(old, after);
  }

  /** Money is neither made nor lost. */
  check(): void {
    const held = [...this.#held.values()].reduce((sum, x) => sum + x, 0n);
    const found = held + this.#online + this.#underWay;
    assert.equal(found, this.#supply + this.counterfeit, "money is conserved");
  }

  #observeDeposit(old: TaState | undefined, after: TaState): void {
    const deposited = after.deposited - (old?.deposited ?? 0n);
    if (deposited === 0n) return;
    assert.equal(after.d, (old?.d ?? 0) + 1, "confirmations are applied in order");
    if (this.issued(after.id, after.d) === after.depositDigest) this.#underWay -= deposited;
    else this.counterfeit += deposited;
  }

  #observePayment(old: TaState | undefined, after: TaState): void {
    const made = after.j - (old?.j ?? 0);
    assert.ok(made === 0 || made === 1, `${made} payments in one command`);
    const paid = after.paid - (old?.paid ?? 0n);
    if (made === 0) {
      assert.equal(paid, 0n, "nothing is paid without a payment");
      return;
    }
    const payment = after.payments.find(({ j }) => j === after.j);
    assert.ok(payment?.amount === paid, "a payment is kept as it was paid");
    const { j, payee, r, amount } = payment;
    const earlier = old?.payments.find(
      (it) => it.payee === payee && it.r === r && it.challenge === payment.challenge,
    );
    assert.equal(earlier, undefined, "no second debit while the first is kept");
    this.payments.set(`${after.id} ${j}`, {
      sender: after.id,
      j,
      payee,
      r,
      amount,
      fate: "in flight",
    });
    this.#underWay += amount;
  }

  #observeCollection(old: TaState | undefined, after: TaState): void {
    const collected = after.collected - (old?.collected ?? 0n);
    if (collected === 0n) return;
    const outcome = after.outcomes.at(-1);
    assert.ok(
      outcome?.kind === "collected" && outcome.amount === collected,
      "a collection is told",
    );
    assert.ok(
      old?.requests.some(({ r }) => r === outcome.r),
      "only an open request is collected",
    );
    const payment = this.find(outcome.sender, outcome.index);
    if (payment === undefined || payment.payee !== after.id || payment.fate !== "in flight") {
      assert.ok(
        this.isBroken(outcome.sender),
        `collected twice or from nobody: ${outcome.sender} ${outcome.index}`,
      );
      this.counterfeit += collected;
      return;
    }
    assert.equal(payment.amount, collected, "what arrives is what was sent");
    this.#land(payment, "collected", ["in flight"]);
    this.#underWay -= collected;
  }

  #land(payment: FlyingPayment, fate: Fate, from: readonly Fate[]): void {
    assert.ok(from.includes(payment.fate), `payment ${fate} after it was ${payment.fate}`);
    payment.fate = fate;
  }
}
