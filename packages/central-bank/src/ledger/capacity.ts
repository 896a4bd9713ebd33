import { MAX_AMOUNT } from "@bezant/protocol";
import type { Transaction } from "@bezant/service/db";

const USED = {
  name: "capacity-used",
  text: `SELECT (SELECT -coalesce(sum(balance), 0) FROM accounts WHERE kind IN ('issuance', 'loss'))
    + (SELECT coalesce(sum(r.outward + r.inward), 0) FROM reports AS r JOIN windows AS w
        ON w.number = r.settlement_window WHERE w.closed_at IS NULL) AS used`,
};

/**
 * Whether so much more can be counted: no balance can then exceed what a message can say, however the open window settles. With the
 * window locked the answer stays true until the transaction ends.
 */
export async function hasCapacity(transaction: Transaction, more: bigint): Promise<boolean> {
  const { rows } = await transaction.query<{ used: bigint }>(USED);
  return (rows[0]?.used ?? 0n) + more <= MAX_AMOUNT;
}
