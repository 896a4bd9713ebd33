import type { TaId, WalletId } from "@bezant/protocol";
import type { Random } from "@bezant/service";
import type { Transaction } from "@bezant/service/db";
import { bytea } from "../ledger/index.ts";

const KNOWN = {
  name: "status-index",
  text: "SELECT status_index AS index FROM status_indices WHERE client_id = $1 AND subject = $2",
};
const TAKE = {
  name: "take-status-index",
  text: `INSERT INTO status_directory (status_index, client_id) VALUES ($1, $2)
    ON CONFLICT DO NOTHING`,
};
const KEEP = {
  name: "keep-status-index",
  text: `INSERT INTO status_indices (client_id, subject, status_index) VALUES ($1, $2, $3)
    ON CONFLICT (client_id, subject) DO NOTHING`,
};
const GIVE_BACK = {
  name: "give-status-index-back",
  text: "DELETE FROM status_directory WHERE status_index = $1",
};

/** Draws in a row that hit somebody else's index, before it is a bug: with 2^31 holders still once in 2^32. */
const MOST_DRAWS = 32;

/**
 * The index in the status list that every certificate of this holder carries: drawn once, at random from all there are, so
 * there is no counter that all registrations wait for, and nothing to be read from it. A new client has no row to lock yet:
 * of two registrations at once the second waits for the first, and takes what that has kept.
 */
export async function statusIndexOf(
  transaction: Transaction,
  random: Random,
  client: WalletId,
  subject: TaId | WalletId,
): Promise<number> {
  const known = await findStatusIndex(transaction, client, subject);
  if (known !== undefined) return known;
  for (let i = 0; i < MOST_DRAWS; i++) {
    const drawn = new DataView(Uint8Array.from(random(4)).buffer).getUint32(0);
    const { count } = await transaction.query(TAKE, [drawn, bytea(client)]);
    if (count === 0) continue;
    const kept = await transaction.query(KEEP, [bytea(client), bytea(subject), drawn]);
    if (kept.count === 1) return drawn;
    await transaction.query(GIVE_BACK, [drawn]);
    return statusIndexOf(transaction, random, client, subject);
  }
  throw new Error("no free index in the status list was found");
}

export async function findStatusIndex(
  transaction: Transaction,
  client: WalletId,
  subject: TaId | WalletId,
): Promise<number | undefined> {
  const values = [bytea(client), bytea(subject)];
  const { rows } = await transaction.query<{ index: bigint }>(KNOWN, values);
  return rows[0] === undefined ? undefined : Number(rows[0].index);
}
