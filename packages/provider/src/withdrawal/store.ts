import type { Amount, Seconds, TaId, WalletId } from "@bezant/protocol";
import type { Transaction } from "@bezant/service/db";
import { bytea } from "../ledger/index.ts";

/** A withdrawal that was credited; a gap stands for those up to w that only a sync has told of. */
export interface Credited {
  readonly w: number;
  readonly kind: "withdrawal" | "gap";
  readonly amount: bigint;
  readonly message: Uint8Array | undefined;
  readonly total: bigint;
}

// Under a gap lie withdrawals that have no row of their own, so the next row at or above w answers for it.
const AT = {
  name: "withdrawal-at",
  text: `SELECT w, kind, amount, message, total FROM withdrawals
    WHERE client_id = $1 AND ta_id = $2 AND w >= $3 ORDER BY w LIMIT 1`,
};
const INSERT = {
  name: "insert-withdrawal",
  text: `INSERT INTO withdrawals (client_id, ta_id, w, kind, amount, message, total, posted_at)
    VALUES ($1, $2, $3, 'withdrawal', $4, $5, $6, $7)`,
};

export async function readCredited(
  transaction: Transaction,
  client: WalletId,
  ta: TaId,
  w: number,
): Promise<Credited | undefined> {
  const { rows } = await transaction.query<{
    w: bigint;
    kind: Credited["kind"];
    amount: bigint;
    message: Buffer | null;
    total: bigint;
  }>(AT, [bytea(client), bytea(ta), w]);
  const [row] = rows;
  if (row === undefined) return undefined;
  return { ...row, w: Number(row.w), message: row.message ?? undefined };
}

/** Σ of all withdrawals up to w; 0 for w = 0. */
export async function creditedTotal(
  transaction: Transaction,
  client: WalletId,
  ta: TaId,
  w: number,
): Promise<bigint> {
  if (w === 0) return 0n;
  const row = await readCredited(transaction, client, ta, w);
  if (row?.w !== w) throw new Error(`no withdrawal ${w}`);
  return row.total;
}

export interface NewWithdrawal {
  readonly w: number;
  readonly amount: Amount;
  readonly message: Uint8Array;
  readonly total: bigint;
}

export async function insertWithdrawal(
  transaction: Transaction,
  client: WalletId,
  ta: TaId,
  { w, amount, message, total }: NewWithdrawal,
  at: Seconds,
): Promise<void> {
  const values = [bytea(client), bytea(ta), w, amount, message, total, at];
  await transaction.query(INSERT, values);
}
