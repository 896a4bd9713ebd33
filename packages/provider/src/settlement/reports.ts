import type { Result, Seconds } from "@bezant/protocol";
import type { Database, Transaction, Unavailable } from "@bezant/service/db";

export type ReportStatus = "cutting" | "cut" | "accepted";

/** A settlement report and how far it has got. */
export interface ReportRow {
  readonly number: bigint;
  readonly status: ReportStatus;
  readonly message: Uint8Array | null;
  readonly statement: Uint8Array | null;
}

const READ = {
  name: "read-report",
  text: "SELECT number, status, message, statement FROM reports WHERE number = $1",
};
const OPEN = {
  name: "open-report",
  text: "INSERT INTO reports (number, status) VALUES ($1, 'cutting') ON CONFLICT DO NOTHING",
};
// A batch of cuts shares the row, closing takes it alone: nothing is added to a report that is closed.
const SHARE = {
  name: "share-report",
  text: "SELECT status FROM reports WHERE number = $1 FOR SHARE",
};
const CLOSE = {
  name: "close-report",
  text: "UPDATE reports SET status = 'cut', cut_at = $2 WHERE number = $1 AND status = 'cutting'",
};

export async function readReport(
  db: Database,
  number: bigint,
): Promise<Result<ReportRow | undefined, Unavailable>> {
  const found = await db.query<ReportRow>(READ, [number]);
  return found.ok ? { ok: true, value: found.value.rows[0] } : found;
}

export async function openReport(transaction: Transaction, number: bigint): Promise<void> {
  await transaction.query(OPEN, [number]);
}

/** Whether clients may still be added to the report; if so, that stays so until the transaction ends. */
export async function isCutting(transaction: Transaction, number: bigint): Promise<boolean> {
  const { rows } = await transaction.query<{ status: ReportStatus }>(SHARE, [number]);
  return rows[0]?.status === "cutting";
}

export async function closeReport(
  transaction: Transaction,
  number: bigint,
  at: Seconds,
): Promise<void> {
  await transaction.query(CLOSE, [number, at]);
}
