import { err, ok, type Refusal, type Result, type SettlementStatement } from "@bezant/protocol";
import { done, fromDatabase, transact } from "@bezant/service";
import type { Database } from "@bezant/service/db";
import type { Core } from "../core/core.ts";
import { grantFunding } from "./bounds.ts";

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
    SELECT coalesce(sum(online + suspense), 0) AS owed, coalesce(sum(offline), 0) AS offline,
      coalesce(-sum(reserves), 0) AS funded,
      (SELECT coalesce(sum(amount), 0) FROM orders WHERE status = 'pending') AS sending,
      (SELECT coalesce(sum(amount), 0) FROM advices WHERE status = 'refused') AS returning,
      (SELECT coalesce(max(number), 0) FROM advices) AS advices,
      (SELECT coalesce(max(number), 0) FROM reports WHERE status = 'accepted') AS accepted
    FROM accounts`,
};

// What a closed window has posted never changes again.
const POSTED = {
  name: "posted-offline",
  text: `/* all clients: a report is of all of them */
    SELECT coalesce(sum(CASE WHEN credit = 'offline' THEN amount ELSE -amount END), 0) AS posted
    FROM cut_totals
    WHERE (debit = 'offline') <> (credit = 'offline') AND report <= (
      SELECT coalesce(max(number), 0) FROM reports WHERE window_number <= $1)`,
};

export async function readObligations(db: Database): Promise<Result<Obligations, Refusal>> {
  const found = await db.query<Obligations>(OBLIGATIONS);
  if (!found.ok) return err(fromDatabase(found.error));
  const [row] = found.value.rows;
  if (row === undefined) throw new Error("a sum without a row");
  return ok(row);
}

/** What is left for the provider itself, once all that has moved is posted; negative: its clients are owed more. */
export async function freeReserves(
  db: Database,
  { owed, offline, sending, returning }: Obligations,
  { reserves, prefund, closed }: SettlementStatement,
): Promise<Result<bigint, Refusal>> {
  const found = await db.query<{ posted: bigint }>(POSTED, [closed]);
  if (!found.ok) return err(fromDatabase(found.error));
  const unposted = offline - (found.value.rows[0]?.posted ?? 0n);
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
  const granted = funded + free.value;
  return transact(core.db, async (transaction) => {
    await grantFunding(transaction, granted > 0n ? granted : 0n);
    return done(undefined);
  });
}
