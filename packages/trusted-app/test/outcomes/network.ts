import assert from "node:assert/strict";
import {
  acknowledge,
  cancelRequest,
  collect,
  confirm,
  openRequest,
  pay,
  recall,
  release,
  settle,
  type Confirmation,
  type Id,
  type Notice,
  type OpenRequest,
  type Outcome,
  type Payment,
  type Purse,
  type PurseEvent,
  type Step,
} from "../../src/outcomes/index.ts";
import type { Result } from "@bezant/protocol";
import { emptyPurse } from "./purse.ts";

/** A request, payment or outcome as the network knows it: true, since it is signed, but late, lost or sent again. */
type SentRequest = OpenRequest & { readonly payee: Id; readonly payeeClass: "ta" | "wallet" };
type SentPayment = Payment & { readonly sender: Id };

type Fate = "in-flight" | "collected" | "claimed" | "declined" | "refunded";

/** Any number of TAs, one wallet without secure hardware, and their provider, with a network that keeps every message for ever. */
export class Network {
  readonly purses: Purse[];
  readonly requests: SentRequest[] = [];
  readonly payments: SentPayment[] = [];
  readonly notices: Notice[] = [];
  /** The provider's confirmations to each TA. */
  readonly confirmations: Confirmation[][];
  /** What became of each payment ever made, as an onlooker sees it who knows everything. */
  readonly fates = new Map<string, Fate>();
  /** Every end of a request that any TA ever stated, by payee and r. */
  readonly ends = new Map<string, string>();
  readonly walletId = "ff".repeat(32);
  readonly #refunds = new Set<string>();
  #challenges = 0;
  #issued = 0n;
  readonly #departures = new Map<string, number>();
  readonly #debits = new Map<string, number>();

  constructor(size: number, maxHolding: bigint) {
    this.purses = Array.from({ length: size }, (_, number) => emptyPurse(number, maxHolding));
    this.confirmations = this.purses.map(() => []);
  }

  /** The provider issues money; nobody has it until the confirmation arrives. */
  deposit(ta: number, amount: bigint): void {
    this.#issue(ta, amount);
    this.#issued += amount;
  }

  deliverConfirmation(ta: number, number: number): void {
    const confirmation = this.confirmations[ta]![number];
    if (confirmation !== undefined) this.#take(ta, confirm(this.purses[ta]!, confirmation));
  }

  request(ta: number, amount: bigint, replaces: number): void {
    const order = { amount, expires: 0, replaces };
    const opened = this.#take(
      ta,
      openRequest(this.purses[ta]!, order, () => this.#challenge()),
    );
    if (opened === undefined) return;
    this.requests.push({ ...opened, payee: this.purses[ta]!.id, payeeClass: "ta" });
    // The wallet fetches the outcome of what it replaced at once, before the ring forgets it.
    if (replaces !== 0) this.resend(ta, replaces);
  }

  requestToWallet(amount: bigint): void {
    const r = this.#challenges;
    const request = { r, amount, challenge: this.#challenge(), expires: 0 };
    this.requests.push({ ...request, payee: this.walletId, payeeClass: "wallet" });
  }

  cancel(ta: number, r: number): void {
    this.#state(ta, this.#take(ta, cancelRequest(this.purses[ta]!, r)));
  }

  resend(ta: number, r: number): void {
    this.#state(ta, recall(this.purses[ta]!, r));
  }

  pay(ta: number, number: number): void {
    const request = this.requests[number];
    const purse = this.purses[ta]!;
    if (request === undefined || request.payee === purse.id) return;
    const { expires: _, ...order } = request;
    const before = purse.j;
    const payment = this.#take(
      ta,
      pay(purse, { ...order, time: 0 }, ({ j }) => `signature ${j}`),
    );
    if (payment === undefined) return;
    const key = requestKey(payment.payee, payment.r);
    if (this.purses[ta]!.j === before) {
      assert.deepEqual({ ...payment, sender: purse.id }, this.#sent(purse.id, payment.j));
      return;
    }
    this.#debits.set(`${ta} ${key}`, (this.#debits.get(`${ta} ${key}`) ?? 0) + 1);
    this.payments.push({ ...payment, sender: purse.id });
    this.fates.set(paymentKey(purse.id, payment.j), "in-flight");
  }

  collect(ta: number, number: number): void {
    const payment = this.payments[number];
    if (payment?.payee !== this.purses[ta]!.id) return;
    const incoming = { ...payment, index: payment.j };
    const { balance } = this.purses[ta]!;
    this.#state(ta, this.#take(ta, collect(this.purses[ta]!, incoming)));
    if (this.purses[ta]!.balance > balance) this.#end(payment, "collected");
  }

  settle(ta: number, number: number): void {
    const notice = this.notices[number];
    if (notice !== undefined) this.#take(ta, settle(this.purses[ta]!, notice));
  }

  /** The wallet has received it, and says so. */
  release(ta: number, index: number): void {
    const purse = this.purses[ta]!;
    const sent = this.#sent(purse.id, index);
    if (sent === undefined) return;
    const { r, amount, sender } = sent;
    const released = release(purse, { payee: this.walletId, r, amount, sender, index });
    if (released.ok) this.#put(ta, released.value);
  }

  /** A sync: the provider has stored every payment up to this one. */
  acknowledge(ta: number, stored: number): void {
    this.#put(ta, acknowledge(this.purses[ta]!, stored));
  }

  /** The provider of the wallet disposes of a payment once: claimed, or declined for ever. */
  dispose(number: number, as: "claimed" | "declined"): void {
    const payment = this.payments[number];
    if (payment?.payeeClass !== "wallet") return;
    const fate = this.#fate(payment);
    if (fate === "in-flight") this.fates.set(paymentKey(payment.sender, payment.j), as);
    const claimed = this.#fate(payment) === "claimed";
    const { payee, amount, sender, j: index } = payment;
    const kind = claimed ? "claimed" : "never-settled";
    this.notices.push({ kind, payee, amount, sender, index });
  }

  /** The sender's provider gives a payment back, on the outcome that says it cannot arrive any more (docs/protocol.md §6.4). */
  refund(number: number, notice: number): void {
    const payment = this.payments[number];
    const proof = this.notices[notice];
    if (payment === undefined || proof?.payee !== payment.payee) return;
    if (!provesLoss(payment, proof)) return;
    const key = paymentKey(payment.sender, payment.j);
    if (this.#refunds.has(key)) return;
    this.#refunds.add(key);
    this.#end(payment, "refunded");
    const ta = this.purses.findIndex(({ id }) => id === payment.sender);
    this.#issue(ta, payment.amount, payment.j);
  }

  /** The rules that hold after every step, whatever the network did. */
  check(): void {
    for (const purse of this.purses) checkPurse(purse);
    for (const [key, debits] of this.#debits) {
      const left = this.#departures.get(key) ?? 0;
      assert.ok(debits <= 1 + left, `${debits} debits for one request (${key}), ${left} left`);
    }
    const held = this.purses.reduce((sum, { balance }) => sum + balance, 0n);
    const flying = this.payments.filter((it) => this.#fate(it) === "in-flight");
    const claimed = this.payments.filter((it) => this.#fate(it) === "claimed");
    const declined = this.payments.filter((it) => this.#fate(it) === "declined");
    const unapplied = this.purses.flatMap(({ d }, ta) => this.confirmations[ta]!.slice(d));
    assert.equal(
      held + total(flying) + total(claimed) + total(declined) + total(unapplied),
      this.#issued,
      "money is conserved",
    );
  }

  inFlight(): readonly SentPayment[] {
    return this.payments.filter((it) => ["in-flight", "declined"].includes(this.#fate(it)));
  }

  #issue(ta: number, amount: bigint, refundOf?: number): void {
    const issued = this.confirmations[ta]!;
    const d = issued.length + 1;
    const digest = `digest ${d}`;
    issued.push(refundOf === undefined ? { d, amount, digest } : { d, amount, digest, refundOf });
  }

  #take<V>(ta: number, result: Result<Step<Purse, V>, string>): V | undefined {
    if (!result.ok) return undefined;
    const { purse, value, events } = result.value;
    assert.equal(moved(events), purse.balance - this.purses[ta]!.balance, "events tell the truth");
    this.#put(ta, purse);
    return value;
  }

  #put(ta: number, purse: Purse): void {
    const kept = new Set(purse.payments.map(({ j }) => j));
    for (const { j, payee, r } of this.purses[ta]!.payments) {
      if (kept.has(j)) continue;
      const key = `${ta} ${requestKey(payee, r)}`;
      this.#departures.set(key, (this.#departures.get(key) ?? 0) + 1);
    }
    this.purses[ta] = purse;
  }

  /** A TA signs an outcome: it may be said many times, but never two different things. */
  #state(ta: number, outcome: Outcome | undefined): void {
    if (outcome === undefined) return;
    const payee = this.purses[ta]!.id;
    const key = requestKey(payee, outcome.r);
    const said = JSON.stringify(outcome, (_, value: unknown) =>
      typeof value === "bigint" ? value.toString() : value,
    );
    assert.equal(this.ends.get(key) ?? said, said, "a request ends once");
    this.ends.set(key, said);
    this.notices.push({ ...outcome, payee });
  }

  /** A payment credits somebody once: the payee, or by the refund the payer. */
  #end(payment: SentPayment, fate: "collected" | "refunded"): void {
    const before = this.#fate(payment);
    const isFirst = before === "in-flight" || (before === "declined" && fate === "refunded");
    assert.ok(isFirst, `payment ${fate} after it was ${before}`);
    this.fates.set(paymentKey(payment.sender, payment.j), fate);
  }

  #fate(payment: SentPayment): Fate {
    return this.fates.get(paymentKey(payment.sender, payment.j))!;
  }

  #sent(sender: Id, j: number): SentPayment | undefined {
    return this.payments.find((payment) => payment.sender === sender && payment.j === j);
  }

  #challenge(): string {
    this.#challenges += 1;
    return this.#challenges.toString(16).padStart(16, "0");
  }
}

function checkPurse(purse: Purse): void {
  const { balance, deposited, withdrawn, paid, collected } = purse;
  assert.equal(balance, deposited + collected - withdrawn - paid, "totals add up");
  assert.ok(purse.requests.length <= 8 && purse.outcomes.length <= 16);
  assert.ok(purse.payments.length <= 16);
  const answered = purse.payments.map((it) => `${it.payee} ${it.r} ${it.challenge}`);
  assert.equal(new Set(answered).size, answered.length, "one payment kept for each request");
  const numbers = [...purse.requests, ...purse.outcomes].map(({ r }) => r);
  assert.equal(new Set(numbers).size, numbers.length, "a request is open or ended, not both");
}

function provesLoss(payment: SentPayment, proof: Notice): boolean {
  if (proof.kind === "void") return proof.r === payment.r;
  const isNamed = proof.sender === payment.sender && proof.index === payment.j;
  if (proof.kind === "collected") return proof.r === payment.r && !isNamed;
  return proof.kind === "never-settled" && isNamed;
}

function moved(events: readonly PurseEvent[]): bigint {
  return events.reduce((sum, { event, amount }) => {
    if (event === "void") return sum;
    return event === "payment" || event === "withdrawal" ? sum - amount : sum + amount;
  }, 0n);
}

function total(items: readonly { amount: bigint }[]): bigint {
  return items.reduce((sum, { amount }) => sum + amount, 0n);
}

const requestKey = (payee: Id, r: number): string => `${payee} ${r}`;
const paymentKey = (sender: Id, index: number): string => `${sender} ${index}`;
