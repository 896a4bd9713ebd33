import type { Refusal, Result } from "@bezant/protocol";
import type { Core } from "../core/core.ts";
import { done, transact } from "@bezant/service";

const MARK = `/* all clients: the whole ledger is older than it was */
  UPDATE tas SET read_only_since = $1 WHERE status = 'active' AND read_only_since IS NULL`;

/**
 * To be called once after the database was restored from a backup: until a sync has compared both histories, the client of
 * each TA only reads.
 * @returns how many TAs have to synchronise
 */
export async function markRestored({ db, clock }: Core): Promise<Result<number, Refusal>> {
  return transact(db, async (transaction) => {
    const { count } = await transaction.query(MARK, [clock.now()]);
    return done(count);
  });
}
