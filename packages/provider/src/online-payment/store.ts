import type { Amount, OnlinePaymentOrder, Seconds, WalletId } from "@bezant/protocol";
import { toHex } from "@bezant/protocol";
import type { Transaction } from "@bezant/service/db";
import { bytea } from "../ledger/index.ts";

/** An order that was carried out. */
export interface Carried {
  readonly receiver: WalletId;
  readonly amount: Amount;
  /** Of the payer's transfer. */
  readonly sequence: bigint;
  readonly at: number;
}

const READ = {
  name: "read-order",
  text: `SELECT encode(receiver, 'hex') AS receiver, amount, sequence, posted_at AS at FROM orders
    WHERE client_id = $1 AND order_id = $2`,
};
const INSERT = {
  name: "insert-order",
  text: `INSERT INTO orders (client_id, order_id, receiver, amount, message, sequence, posted_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7)`,
};

export async function readOrder(
  transaction: Transaction,
  client: WalletId,
  orderId: Uint8Array,
): Promise<Carried | undefined> {
  const { rows } = await transaction.query<{
    receiver: WalletId;
    amount: Amount;
    sequence: bigint;
    at: bigint;
  }>(READ, [bytea(client), bytea(toHex(orderId))]);
  const [row] = rows;
  return row === undefined ? undefined : { ...row, at: Number(row.at) };
}

export async function insertOrder(
  transaction: Transaction,
  client: WalletId,
  { orderId, receiver, amount }: OnlinePaymentOrder,
  message: Uint8Array,
  sequence: bigint,
  at: Seconds,
): Promise<void> {
  const order = bytea(toHex(orderId));
  const values = [bytea(client), order, bytea(receiver), amount, message, sequence, at];
  await transaction.query(INSERT, values);
}
