import type { Amount, ProviderId, WalletId } from "@bezant/protocol";
import type { Database, Transaction } from "@bezant/service/db";
import { bytea, type Account, type Posting } from "../ledger/index.ts";

/** A payment to a client of another provider, as its order stands. */
export interface Outgoing {
  readonly payer: WalletId;
  /** Lowercase hex, as the instruction. */
  readonly orderId: string;
  readonly instruction: string;
  readonly provider: ProviderId;
  readonly payee: WalletId;
  readonly amount: Amount;
  readonly status: "pending" | "settled" | "returned";
}

const PENDING = {
  name: "pending-orders",
  text: `/* all clients: the outbox is theirs together */
    SELECT encode(client_id, 'hex') AS payer, encode(order_id, 'hex') AS "orderId",
      encode(instruction, 'hex') AS instruction, provider, encode(receiver, 'hex') AS payee, amount, status
    FROM orders WHERE status = 'pending' AND (client_id, order_id) > ($1, $2)
    ORDER BY client_id, order_id LIMIT $3`,
};
const BY_INSTRUCTION = {
  name: "order-by-instruction",
  text: `SELECT encode(client_id, 'hex') AS payer, encode(order_id, 'hex') AS "orderId",
      encode(instruction, 'hex') AS instruction, provider, encode(receiver, 'hex') AS payee, amount, status
    FROM orders WHERE client_id = $1 AND instruction = $2`,
};
const SETTLE = {
  name: "settle-order",
  text: `UPDATE orders SET status = 'settled'
    WHERE client_id = $1 AND order_id = $2 AND status = 'pending'`,
};
const RETURN = {
  name: "return-order",
  text: `UPDATE orders SET status = 'returned', reason = $3
    WHERE client_id = $1 AND order_id = $2 AND status <> 'returned'`,
};

/** Payments that the central bank has not answered, some at a time. */
export function readPending(
  db: Database,
  after: Pick<Outgoing, "payer" | "orderId"> | undefined,
  limit: number,
) {
  const from = after === undefined ? ["\\x", "\\x"] : [bytea(after.payer), bytea(after.orderId)];
  return db.query<Outgoing>(PENDING, [...from, limit]);
}

/** Under the lock of the payer's account. */
export async function readByInstruction(
  transaction: Transaction,
  payer: WalletId,
  instruction: string,
): Promise<Outgoing | undefined> {
  const values = [bytea(payer), bytea(instruction)];
  const { rows } = await transaction.query<Outgoing>(BY_INSTRUCTION, values);
  return rows[0];
}

export async function setSettled(transaction: Transaction, one: Outgoing): Promise<void> {
  await transaction.query(SETTLE, [bytea(one.payer), bytea(one.orderId)]);
}

export async function setReturned(
  transaction: Transaction,
  one: Outgoing,
  reason: string,
): Promise<void> {
  await transaction.query(RETURN, [bytea(one.payer), bytea(one.orderId), reason]);
}

/** The payer gets back what nobody got. */
export function returnPosting(one: Outgoing, { status }: Account): Posting {
  return {
    operation: "interbank-returned",
    party: one.payee,
    reference: one.orderId,
    debit: "interbank",
    credit: status === "open" ? "online" : "suspense",
    amount: one.amount,
  };
}
