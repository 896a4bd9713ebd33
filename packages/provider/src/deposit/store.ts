import type { Amount, Seconds, TaId, WalletId } from "@bezant/protocol";
import type { Transaction } from "@bezant/service/db";
import { bytea } from "../ledger/index.ts";

/** A confirmation that was issued. Its payload is signed anew for every answer. */
export interface Confirmation {
  readonly d: number;
  readonly kind: "deposit" | "refund" | "gap";
  readonly amount: bigint;
  readonly payload: Uint8Array | undefined;
  /** Of all confirmations up to this one. */
  readonly total: bigint;
}

interface Row {
  readonly d: bigint;
  readonly kind: Confirmation["kind"];
  readonly amount: bigint;
  readonly payload: Buffer | null;
  readonly total: bigint;
}

const FROM = {
  name: "confirmations-from",
  text: `SELECT d, kind, amount, payload, total FROM deposits
    WHERE client_id = $1 AND ta_id = $2 AND d >= $3 ORDER BY d LIMIT $4`,
};
const REFUND = {
  name: "confirmation-of-refund",
  text: `SELECT d, kind, amount, payload, total FROM deposits
    WHERE client_id = $1 AND ta_id = $2 AND j = $3`,
};

/** The confirmations from d on, at most so many. */
export async function readConfirmations(
  transaction: Transaction,
  client: WalletId,
  ta: TaId,
  d: number,
  limit: number,
): Promise<readonly Confirmation[]> {
  const values = [bytea(client), bytea(ta), d, limit];
  const { rows } = await transaction.query<Row>(FROM, values);
  return rows.map(toConfirmation);
}

/** The confirmation that refunds payment j, if there is one. */
export async function readRefund(
  transaction: Transaction,
  client: WalletId,
  ta: TaId,
  j: number,
): Promise<Confirmation | undefined> {
  const { rows } = await transaction.query<Row>(REFUND, [bytea(client), bytea(ta), j]);
  return rows[0] === undefined ? undefined : toConfirmation(rows[0]);
}

export interface NewConfirmation {
  readonly d: number;
  readonly kind: "deposit" | "refund";
  readonly amount: Amount;
  /** The payment that is refunded. */
  readonly j?: number;
  readonly payload: Uint8Array;
  readonly total: bigint;
}

const INSERT = {
  name: "insert-confirmation",
  text: `INSERT INTO deposits
      (client_id, ta_id, d, kind, amount, j, payload, digest, total, posted_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7,
      sha256($2::bytea || $7::bytea), $8, $9)`,
};

export async function insertConfirmation(
  transaction: Transaction,
  client: WalletId,
  ta: TaId,
  { d, kind, amount, j, payload, total }: NewConfirmation,
  at: Seconds,
): Promise<void> {
  const values = [bytea(client), bytea(ta), d, kind, amount, j ?? null, payload, total, at];
  await transaction.query(INSERT, values);
}

/** Σ of all confirmations up to d; 0 for d = 0. */
export async function confirmedTotal(
  transaction: Transaction,
  client: WalletId,
  ta: TaId,
  d: number,
): Promise<bigint> {
  if (d === 0) return 0n;
  const [row] = await readConfirmations(transaction, client, ta, d, 1);
  if (row?.d !== d) throw new Error(`no confirmation ${d}`);
  return row.total;
}

function toConfirmation(row: Row): Confirmation {
  return { ...row, d: Number(row.d), payload: row.payload ?? undefined };
}
