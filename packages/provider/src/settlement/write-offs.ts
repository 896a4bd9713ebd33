import type { Seconds } from "@bezant/protocol";
import type { Database, Transaction } from "@bezant/service/db";
import { bytea } from "../ledger/index.ts";

const INSERT = {
  name: "insert-house-transfer",
  text: `INSERT INTO house_transfers (operation, reference, take_up, debit, credit, amount, posted_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7)`,
};
const REPORT = {
  name: "report-house-transfers",
  text: "UPDATE house_transfers SET report = $1 WHERE report IS NULL",
};
const LOST = {
  name: "lost-with-restores",
  text: `SELECT coalesce(sum(outward - returned - written_off), 0) AS missing,
      coalesce(sum(written_off), 0) AS "writtenOff" FROM take_ups`,
};

const SIDES = {
  "write-off": ["loss", "offline"],
  recovery: ["offline", "loss"],
} as const;

export interface HouseTransfer {
  readonly operation: keyof typeof SIDES;
  /** Lowercase hex. */
  readonly reference: string;
  readonly takeUp: bigint;
  readonly amount: bigint;
}

/** A movement of no client: the key makes it one that happens once. */
export async function postHouse(
  transaction: Transaction,
  { operation, reference, takeUp, amount }: HouseTransfer,
  at: Seconds,
): Promise<void> {
  const values = [operation, bytea(reference), takeUp, ...SIDES[operation], amount, at];
  await transaction.query(INSERT, values);
}

/** Gives this report whatever no report has counted yet. */
export async function reportHouse(transaction: Transaction, number: bigint): Promise<void> {
  await transaction.query(REPORT, [number]);
}

/** Deposits that a restore has lost. */
export interface Lost {
  /** Neither brought back by a sync nor written off. */
  readonly missing: bigint;
  /** The provider's own loss. */
  readonly writtenOff: bigint;
}

export function readLost(db: Database) {
  return db.query<Lost>(LOST);
}
