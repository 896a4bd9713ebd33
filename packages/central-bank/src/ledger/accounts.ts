import type { ProviderId } from "@bezant/protocol";

/** Kinds of accounts (migrations/0001_ledger.sql). Credit is positive. */
export type AccountKind = "issuance" | "circulation" | "reserves" | "prefund" | "loss";

export interface AccountName {
  readonly kind: AccountKind;
  /** A provider, or `OWN`. */
  readonly holder: ProviderId | "";
}

/** The central bank itself. */
export const OWN = "";

/** One line of a posting: what an account gains; negative where it loses. */
export interface Entry extends AccountName {
  readonly amount: bigint;
}

export type Operation = "issue" | "redeem" | "allowance" | "window" | "payment" | "return";

/** A movement of double entry: its entries are zero together, each account named once. */
export interface Posting {
  readonly operation: Operation;
  readonly reference: string;
  readonly entries: readonly Entry[];
}

export function isWithinBounds(kind: AccountKind, balance: bigint): boolean {
  return kind === "issuance" || kind === "loss" ? balance <= 0n : balance >= 0n;
}

/** `amount` from one account to another. */
export function transfer(from: AccountName, to: AccountName, amount: bigint): Entry[] {
  return [
    { ...from, amount: -amount },
    { ...to, amount },
  ];
}

/** Entries that say something, in the order in which accounts are locked. @throws where they do not add up to zero */
export function balanced(entries: readonly Entry[]): Entry[] {
  const sum = entries.reduce((total, { amount }) => total + amount, 0n);
  if (sum !== 0n) throw new Error(`a posting is off by ${sum}`);
  return entries.filter(({ amount }) => amount !== 0n).toSorted(byName);
}

function byName(a: AccountName, b: AccountName): number {
  const [left, right] = [`${a.kind}/${a.holder}`, `${b.kind}/${b.holder}`];
  return left < right ? -1 : 1;
}
