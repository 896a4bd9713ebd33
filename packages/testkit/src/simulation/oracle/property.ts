/** What the paper claims, and what follows from it here. */
export const PROPERTIES = [
  /** A payee knows without a network whether a payment is good: every genuine one is taken, no other. */
  "offline verifiability",
  /** A payment that was taken is the payee's for ever; what was said of its end is never unsaid. */
  "absolute finality",
  /** What is offline comes back to the online balance when its owner says so. */
  "online redeemability",
  /** Money that was collected is paid on at once, without a network. */
  "offline transitivity",
  /** One payment for one index, and one end for one payment. */
  "no double spending",
  /** Only what its owner wanted leaves a wallet, and what is on its way stays within somebody's reach. */
  "wallet security",
  /** Online, offline and on its way is together what was issued. */
  "supply conservation",
  /** A message counts once. */
  "exactly once",
  /** Whatever comes, nobody answers with a bug. */
  "no crash",
] as const;

export type Property = (typeof PROPERTIES)[number];

/** A property that does not hold. */
export class Violation extends Error {
  override readonly name = "Violation";
  readonly property: Property;

  constructor(property: Property, detail: string) {
    super(`${property}: ${detail}`);
    this.property = property;
  }
}
