import { err, ok, type Refusal, type Result, type SettlementStatement } from "@bezant/protocol";
import { fromDatabase } from "@bezant/service";
import type { Database, Unavailable } from "@bezant/service/db";
import { forgotten, NO_FLOWS, toFlows, type Crossed } from "../settlement/flows.ts";
import { freeReserves, readObligations, type Obligations } from "../settlement/funding.ts";
import { contentOf } from "../settlement/reports.ts";
import { readLost, type Lost } from "../settlement/write-offs.ts";
import { readWords } from "../settlement/words.ts";

/** Money of one kind that has moved, by the ledger's own names. */
export interface Flow {
  readonly operation: string;
  readonly debit: string;
  readonly credit: string;
  readonly transfers: bigint;
  readonly amount: bigint;
}

/** What the ledger has reported to the central bank, and what it has not. */
export interface Position {
  /** The last report that the central bank has accepted; 0 for none. */
  readonly accepted: bigint;
  /** The last report that is complete. */
  readonly cut: bigint;
  /** All that the reports through `cut` hold. */
  readonly reported: readonly Flow[];
  /** All that is in none of them. */
  readonly unreported: readonly Flow[];
  /** What was reported and is in no cut: forgotten with a restore, and not brought back yet. */
  readonly forgotten: Crossed;
  /** Deposits that a restore has lost, by what became of them. */
  readonly lost: Lost;
  readonly obligations: Obligations;
  readonly deposits: Used;
  /** What the central bank said last. */
  readonly statement: SettlementStatement | undefined;
  /** What is the provider's own, by that statement; exact when nothing is on its way. */
  readonly free: bigint | undefined;
}

/** How much of what is bounded for all clients together is used up. */
interface Used {
  readonly allowed: bigint;
  readonly used: bigint;
}

// `through`: as this ledger numbers them.
const REPORTS = `SELECT coalesce(max(n) FILTER (WHERE status = 'accepted'), 0) AS accepted,
    coalesce(max(n) FILTER (WHERE status <> 'cutting'), 0) AS cut,
    coalesce(max(number) FILTER (WHERE status <> 'cutting'), 0) AS through FROM reports`;

const TOLD = `SELECT coalesce(r.message, t.message) AS message
  FROM reports AS r LEFT JOIN take_ups AS t ON t.report = r.number
  WHERE r.message IS NOT NULL OR t.report IS NOT NULL ORDER BY r.number DESC LIMIT 1`;

const REPORTED = `/* all clients: a report is of all of them */
  SELECT operation, debit, credit, sum(transfers) AS transfers, sum(amount) AS amount
  FROM (
    SELECT operation, debit, credit, transfers, amount FROM cut_totals WHERE report <= $1
    UNION ALL
    SELECT operation, debit, credit, 1, amount FROM house_transfers WHERE report <= $1
  ) AS held
  GROUP BY operation, debit, credit ORDER BY operation, debit, credit`;

// A report that is being cut has taken some clients and not yet others.
const UNREPORTED = `/* all clients: whatever has moved since each one's last cut */
  SELECT operation, debit, credit, sum(transfers) AS transfers, sum(amount) AS amount
  FROM (
    SELECT operation, debit, credit, transfers, amount FROM cut_totals WHERE report > $1
    UNION ALL
    SELECT t.operation, t.debit, t.credit, 1, t.amount
    FROM transfers AS t JOIN accounts AS a ON a.client_id = t.client_id
    WHERE t.sequence > a.cut_sequence
    UNION ALL
    SELECT operation, debit, credit, 1, amount FROM house_transfers
    WHERE report IS NULL OR report > $1
  ) AS moved
  GROUP BY operation, debit, credit ORDER BY operation, debit, credit`;

const DEPOSITS = `/* all clients: the allowance is theirs together */
  SELECT coalesce(sum(granted), 0) AS allowed, coalesce(sum(used), 0) AS used FROM shares
  WHERE purpose = 'deposit'`;

export async function readPosition(db: Database): Promise<Result<Position, Refusal>> {
  const moved = await readMoved(db);
  if (!moved.ok) return err(fromDatabase(moved.error));
  const obligations = await readObligations(db);
  if (!obligations.ok) return obligations;
  const deposits = await db.query<Used>(DEPOSITS);
  if (!deposits.ok) return err(fromDatabase(deposits.error));
  const lost = await readLost(db);
  if (!lost.ok) return err(fromDatabase(lost.error));
  const words = await readWords(db);
  if (!words.ok) return words;
  const { statement } = words.value;
  const free =
    statement === undefined ? ok(undefined) : await freeReserves(db, obligations.value, statement);
  if (!free.ok) return free;
  return ok({
    ...moved.value,
    obligations: obligations.value,
    lost: lost.value.rows[0] ?? { missing: 0n, writtenOff: 0n },
    deposits: deposits.value.rows[0] ?? { allowed: 0n, used: 0n },
    statement,
    free: free.value,
  });
}

type Moved = Pick<Position, "accepted" | "cut" | "reported" | "unreported" | "forgotten">;

interface Reports extends Pick<Position, "accepted" | "cut"> {
  readonly through: bigint;
}

async function readMoved(db: Database): Promise<Result<Moved, Unavailable>> {
  const reports = await db.query<Reports>(REPORTS);
  if (!reports.ok) return reports;
  const { accepted = 0n, cut = 0n, through = 0n } = reports.value.rows[0] ?? {};
  const reported = await db.query<Flow>(REPORTED, [through]);
  if (!reported.ok) return reported;
  const unreported = await db.query<Flow>(UNREPORTED, [through]);
  if (!unreported.ok) return unreported;
  const told = await db.query<{ message: Uint8Array }>(TOLD);
  if (!told.ok) return told;
  const [last] = told.value.rows;
  const totals = last === undefined ? NO_FLOWS : contentOf(last.message).totals;
  return ok({
    accepted,
    cut,
    reported: reported.value.rows,
    unreported: unreported.value.rows,
    forgotten: forgotten(totals, toFlows(reported.value.rows)),
  });
}
