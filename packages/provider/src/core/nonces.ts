import { toHex, type Seconds, type WalletId } from "@bezant/protocol";
import type { Transaction } from "@bezant/service/db";
import { bytea } from "../ledger/index.ts";

const SWEEP = {
  name: "sweep-nonces",
  text: "DELETE FROM used_nonces WHERE client_id = $1 AND expires < $2",
};
const SPEND = {
  name: "spend-nonce",
  text: `INSERT INTO used_nonces (client_id, nonce, used_by, expires) VALUES ($1, $2, $3, $4)
    ON CONFLICT DO NOTHING`,
};
const SPENT_BY = {
  name: "nonce-spent-by",
  text: "SELECT encode(used_by, 'hex') AS used_by FROM used_nonces WHERE client_id = $1 AND nonce = $2",
};

export interface Spending {
  readonly nonce: Uint8Array;
  /** SHA-256 of the request, lowercase hex. */
  readonly digest: string;
  readonly expires: Seconds;
  readonly now: Seconds;
}

/** Uses a challenge up. `repeated`: this very request has done so before. `spent`: another one has. */
export async function spendNonce(
  transaction: Transaction,
  client: WalletId,
  { nonce, digest, expires, now }: Spending,
): Promise<"fresh" | "repeated" | "spent"> {
  const id = bytea(client);
  const key = bytea(toHex(nonce));
  await transaction.query(SWEEP, [id, now]);
  const { count } = await transaction.query(SPEND, [id, key, bytea(digest), expires]);
  if (count === 1) return "fresh";
  const { rows } = await transaction.query<{ used_by: string }>(SPENT_BY, [id, key]);
  return rows[0]?.used_by === digest ? "repeated" : "spent";
}
