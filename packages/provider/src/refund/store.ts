import type { TaId, WalletId } from "@bezant/protocol";
import type { Transaction } from "@bezant/service/db";
import { bytea } from "../ledger/index.ts";

const INSERT = {
  name: "insert-refund",
  text: `INSERT INTO refunds (client_id, ta_id, j, payment, outcome) VALUES ($1, $2, $3, $4, $5)`,
};

/** Keeps the grounds of a refund: the payment, and the outcome that says that it failed. */
export async function insertRefund(
  transaction: Transaction,
  client: WalletId,
  ta: TaId,
  j: number,
  grounds: { readonly payment: Uint8Array; readonly outcome: Uint8Array },
): Promise<void> {
  const values = [bytea(client), bytea(ta), j, grounds.payment, grounds.outcome];
  await transaction.query(INSERT, values);
}
