import { ok, type Result } from "@bezant/protocol";
import type { Database, Unavailable } from "@bezant/service/db";

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
}

const REPORTS = `SELECT coalesce(max(number) FILTER (WHERE status = 'accepted'), 0) AS accepted,
    coalesce(max(number) FILTER (WHERE status <> 'cutting'), 0) AS cut FROM reports`;

const REPORTED = `/* all clients: a report is of all of them */
  SELECT operation, debit, credit, sum(transfers) AS transfers, sum(amount) AS amount
  FROM cut_totals WHERE report <= $1 GROUP BY operation, debit, credit
  ORDER BY operation, debit, credit`;

// A report that is being cut has taken some clients and not yet others.
const UNREPORTED = `/* all clients: whatever has moved since each one's last cut */
  SELECT operation, debit, credit, sum(transfers) AS transfers, sum(amount) AS amount
  FROM (
    SELECT operation, debit, credit, transfers, amount FROM cut_totals WHERE report > $1
    UNION ALL
    SELECT t.operation, t.debit, t.credit, 1, t.amount
    FROM transfers AS t JOIN accounts AS a ON a.client_id = t.client_id
    WHERE t.sequence > a.cut_sequence
  ) AS moved
  GROUP BY operation, debit, credit ORDER BY operation, debit, credit`;

export async function readPosition(db: Database): Promise<Result<Position, Unavailable>> {
  const reports = await db.query<Pick<Position, "accepted" | "cut">>(REPORTS);
  if (!reports.ok) return reports;
  const { accepted = 0n, cut = 0n } = reports.value.rows[0] ?? {};
  const reported = await db.query<Flow>(REPORTED, [cut]);
  if (!reported.ok) return reported;
  const unreported = await db.query<Flow>(UNREPORTED, [cut]);
  if (!unreported.ok) return unreported;
  return ok({ accepted, cut, reported: reported.value.rows, unreported: unreported.value.rows });
}
