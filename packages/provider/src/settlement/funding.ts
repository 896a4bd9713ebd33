import { err, ok, type Refusal, type Result, type SettlementStatement } from "@bezant/protocol";
import { done, fromDatabase, transact } from "@bezant/service";
import type { Database } from "@bezant/service/db";
import type { Core } from "../core/core.ts";
import { grantFunding } from "./bounds.ts";
import { crossed, NO_FLOWS } from "./flows.ts";
import { contentOf } from "./reports.ts";

/** What of the provider's money at the central bank is not its own. */
export interface Obligations {
  /** Online and in suspense: what it owes its clients. */
  readonly owed: bigint;
  /** Offline money of its clients, deposited less returned, whoever holds it now. */
  readonly offline: bigint;
  /** Paid to other providers' clients and not known to have arrived. */
  readonly sending: bigint;
  /** Advised, and neither credited to a client nor given back. */
  readonly returning: bigint;
  /** What clients were funded with out of the provider's own, ever. */
  readonly funded: bigint;
  /** The last advice that is booked, and the last report that was accepted. */
  readonly advices: bigint;
  readonly accepted: bigint;
}

// One statement, so that all of it is of one moment.
const OBLIGATIONS = {
  name: "obligations",
  text: `/* all clients: the reserves are theirs together */
    SELECT coalesce(sum(online + suspense), 0) AS owed, 
      coalesce(sum(offline), 0) + (SELECT coalesce(sum(written_off), 0) FROM take_ups) AS offline,
      coalesce(-sum(reserves), 0) AS funded,
      (SELECT coalesce(sum(amount), 0) FROM orders WHERE status = 'pending') AS sending,
      (SELECT coalesce(sum(amount), 0) FROM advices WHERE status = 'refused') AS returning,
      (SELECT coalesce(max(number), 0) FROM advices) AS advices,
      (SELECT coalesce(max(n), 0) FROM reports WHERE status = 'accepted') AS accepted
    FROM accounts`,
};

// What a closed window has posted never changes again. Of reports that a restored ledger has forgotten only the last one's
// window is known.
const POSTED = {
  name: "posted-report",
  text: `SELECT CASE WHEN r.window_number <= $1 THEN r.message
      WHEN t.window_number <= $1 THEN t.message END AS message
    FROM reports AS r LEFT JOIN take_ups AS t ON t.report = r.number
    WHERE r.window_number <= $1 OR t.report IS NOT NULL ORDER BY r.number DESC LIMIT 1`,
};

export async function readObligations(db: Database): Promise<Result<Obligations, Refusal>> {
  const found = await db.query<Obligations>(OBLIGATIONS);
  if (!found.ok) return err(fromDatabase(found.error));
  const [row] = found.value.rows;
  if (row === undefined) throw new Error("a sum without a row");
  return ok(row);
}

/**
 * What is left for the provider itself, once all that has moved is posted; negative: its clients are owed more. Undefined
 * after a restore, until the window of the last forgotten report is closed.
 */
export async function freeReserves(
  db: Database,
  { owed, offline, sending, returning }: Obligations,
  { reserves, prefund, closed }: SettlementStatement,
): Promise<Result<bigint | undefined, Refusal>> {
  const found = await db.query<{ message: Uint8Array | null }>(POSTED, [closed]);
  if (!found.ok) return err(fromDatabase(found.error));
  const [row] = found.value.rows;
  if (row?.message === null) return ok(undefined);
  const posted = crossed(row === undefined ? NO_FLOWS : contentOf(row.message).totals);
  const unposted = offline - posted.outward + posted.inward;
  return ok(reserves + prefund - unposted - sending - returning - owed);
}

/**
 * Lets the operator fund clients with what is free, and with no more. The obligations are older than the statement: what
 * was paid out between them counts twice, for safety; what came in between them shows in the numbers, and waits.
 */
export async function boundFunding(
  core: Core,
  obligations: Obligations,
  statement: SettlementStatement,
): Promise<Result<void, Refusal>> {
  const { advices, accepted, funded } = obligations;
  if (BigInt(statement.advices) !== advices || BigInt(statement.report) !== accepted) {
    return ok(undefined);
  }
  const free = await freeReserves(core.db, obligations, statement);
  if (!free.ok) return free;
  if (free.value === undefined) return ok(undefined);
  const granted = funded + free.value;
  return transact(core.db, async (transaction) => {
    await grantFunding(transaction, granted > 0n ? granted : 0n);
    return done(undefined);
  });
}
