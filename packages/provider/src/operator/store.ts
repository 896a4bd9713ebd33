import { toHex, type Seconds, type TaId, type WalletId } from "@bezant/protocol";
import type { Transaction } from "@bezant/service/db";
import { bytea, type AccountStatus } from "../ledger/index.ts";
import type { OperatorOrder } from "./order.ts";

const READ = {
  name: "read-operator-order",
  text: `SELECT encode(digest, 'hex') AS digest FROM operator_orders
    WHERE client_id = $1 AND order_id = $2`,
};
const INSERT = {
  name: "insert-operator-order",
  text: `INSERT INTO operator_orders
      (client_id, order_id, digest, message, amount, carried_out_at)
    VALUES ($1, $2, $3, $4, $5, $6)`,
};

/** The digest of the order that was carried out under this id. */
export async function readOperatorOrder(
  transaction: Transaction,
  client: WalletId,
  orderId: Uint8Array,
): Promise<string | undefined> {
  const values = [bytea(client), bytea(toHex(orderId))];
  const { rows } = await transaction.query<{ digest: string }>(READ, values);
  return rows[0]?.digest;
}

export interface OrderRecord {
  /** SHA-256 of what was ordered, lowercase hex. */
  readonly digest: string;
  readonly message: Uint8Array;
}

export async function insertOperatorOrder(
  transaction: Transaction,
  order: OperatorOrder,
  { digest, message }: OrderRecord,
  at: Seconds,
): Promise<void> {
  const key = [bytea(order.client), bytea(toHex(order.orderId))];
  const amount = order.kind === "fund" ? order.amount : null;
  await transaction.query(INSERT, [...key, bytea(digest), message, amount, at]);
}

const SET_STATUS = {
  name: "set-status",
  text: "UPDATE accounts SET status = $2 WHERE client_id = $1",
};
const UNLOCK = {
  name: "want-unlock",
  text: `UPDATE tas SET unlock_wanted = true, unlock_nonce = NULL
    WHERE client_id = $1 AND ta_id = $2 AND status = 'active'`,
};

export async function setStatus(
  transaction: Transaction,
  client: WalletId,
  status: AccountStatus,
): Promise<void> {
  await transaction.query(SET_STATUS, [bytea(client), status]);
}

/** False: the client has no such TA in use. */
export async function wantUnlock(
  transaction: Transaction,
  client: WalletId,
  ta: TaId,
): Promise<boolean> {
  const { count } = await transaction.query(UNLOCK, [bytea(client), bytea(ta)]);
  return count === 1;
}
