import { err, ok, type Amount, type Result } from "@bezant/protocol";

/**
 * The accounts that each client has, those of the house towards it included (migrations/0002_ledger.sql).
 * Credit is positive: what the provider owes is above zero, what has paid it in is below.
 */
export const ACCOUNT_KINDS = [
  "online",
  "suspense",
  "offline",
  "clearing",
  "interbank",
  "reserves",
  "loss",
] as const;

export type AccountKind = (typeof ACCOUNT_KINDS)[number];
export type Balances = Readonly<Record<AccountKind, bigint>>;

export const NO_BALANCES: Balances = {
  online: 0n,
  suspense: 0n,
  offline: 0n,
  clearing: 0n,
  interbank: 0n,
  reserves: 0n,
  loss: 0n,
};

export type Operation =
  | "funding"
  | "deposit"
  | "refund"
  | "withdrawal"
  | "claim"
  | "payment-sent"
  | "payment-received"
  | "retirement"
  | "reconciliation"
  | "release"
  | "interbank-sent"
  | "interbank-returned"
  | "interbank-received"
  // Paid abroad before a restore that forgot it: out of the client's balance, out of the provider's loss, and both back.
  | "forgotten-payment"
  | "forgotten-loss"
  | "forgotten-returned"
  | "forgotten-recovered";

/** One movement of double entry: `amount` leaves `debit` and arrives at `credit`. */
export interface Posting {
  readonly operation: Operation;
  /** With `operation` and `reference`, the idempotency key among a client's transfers; empty for nobody. */
  readonly party: string;
  /** Lowercase hex, as `party`. */
  readonly reference: string;
  readonly debit: AccountKind;
  readonly credit: AccountKind;
  readonly amount: Amount;
}

/** The client's own balance does not cover it. */
export type PostingRefusal = "insufficient-balance";

/** What clients own; the accounts of the house may be on either side of zero. */
const OWNED: readonly AccountKind[] = ["online", "suspense"];

/** The balances after one posting; the sum over all kinds stays what it was. */
export function applyPosting(
  balances: Balances,
  { debit, credit, amount }: Posting,
): Result<Balances, PostingRefusal> {
  if (amount < 1n) throw new RangeError("a transfer of nothing");
  const left = balances[debit] - amount;
  if (debit === credit) return ok(balances);
  if (OWNED.includes(debit) && left < 0n) return err("insufficient-balance");
  return ok({ ...balances, [debit]: left, [credit]: balances[credit] + amount });
}

/** Σ of everything a client's accounts hold: zero, or a row was tampered with. */
export function imbalance(balances: Balances): bigint {
  return ACCOUNT_KINDS.reduce((sum, kind) => sum + balances[kind], 0n);
}
