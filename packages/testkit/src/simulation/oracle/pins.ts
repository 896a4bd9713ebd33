import { Violation } from "./property.ts";

/** What one TA pays without its owner's PIN (protocol document §13.4), as far as the oracle can see it. */
export class PinBook {
  readonly #cap: bigint;
  /** Paid since the right PIN was entered last, at least and at most: whether an entry has counted may be unknown. */
  #least = 0n;
  #most = 0n;
  /** One payment may be as large as this, and count for nothing. */
  #allowance = 0n;

  constructor(cap: bigint) {
    this.#cap = cap;
  }

  begin(): void {
    this.#least = 0n;
    this.#most = 0n;
    this.#allowance = 0n;
  }

  /** The right PIN was entered; `isKnown`: and the TA has said so. */
  enter(allowance: bigint, isKnown: boolean): void {
    this.#least = 0n;
    if (isKnown) this.#most = 0n;
    this.#allowance = isKnown || allowance > this.#allowance ? allowance : this.#allowance;
  }

  pay(amount: bigint): void {
    this.#most += amount;
    if (amount <= this.#allowance) {
      this.#allowance = 0n;
      return;
    }
    this.#least += amount;
    if (this.#least <= this.#cap) return;
    throw new Violation("wallet security", `${this.#least} were paid without the PIN`);
  }

  /** Whether the TA may want the PIN for so much more. */
  mayAsk(amount: bigint): boolean {
    return this.#most + amount > this.#cap;
  }
}
