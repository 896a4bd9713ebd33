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

const LAST = {
  name: "last-report",
  text: "SELECT number, status, message, statement FROM reports ORDER BY number DESC LIMIT 1",
};
const READ = {
  name: "read-report",
  text: "SELECT number, status, message, statement FROM reports WHERE number = $1",
};
const OPEN = {
  name: "open-report",
  text: "INSERT INTO reports (number, status) VALUES ($1, 'cutting') ON CONFLICT DO NOTHING",
};
// One batch at a time, and closing it is one of them: nothing is added to a report that is closed.
const LOCK = {
  name: "lock-report",
  text: "SELECT status FROM reports WHERE number = $1 FOR NO KEY UPDATE",
};
const CLOSE = {
  name: "close-report",
  text: "UPDATE reports SET status = 'cut', cut_at = $2 WHERE number = $1 AND status = 'cutting'",
};
const SIGN = {
  name: "sign-report",
  text: "UPDATE reports SET message = $2 WHERE number = $1 AND status = 'cut' AND message IS NULL",
};
const ACCEPT = {
  name: "accept-report",
  text: `UPDATE reports SET status = 'accepted', statement = $2, window_number = $3
    WHERE number = $1 AND status = 'cut' AND message IS NOT NULL`,
};

export async function lastReport(
  db: Database,
): Promise<Result<ReportRow | undefined, Unavailable>> {
  const found = await db.query<ReportRow>(LAST);
  return found.ok ? { ok: true, value: found.value.rows[0] } : found;
}

/** The report as it was signed; undefined: it was not. */
export async function readMessage(
  transaction: Transaction,
  number: bigint,
): Promise<Uint8Array | undefined> {
  const { rows } = await transaction.query<ReportRow>(READ, [number]);
  return rows[0]?.message ?? undefined;
}

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

/** How far the report is; that stays so until the transaction ends. */
export async function lockReport(
  transaction: Transaction,
  number: bigint,
): Promise<ReportStatus | undefined> {
  const { rows } = await transaction.query<{ status: ReportStatus }>(LOCK, [number]);
  return rows[0]?.status;
}

export async function closeReport(
  transaction: Transaction,
  number: bigint,
  at: Seconds,
): Promise<void> {
  await transaction.query(CLOSE, [number, at]);
}

/** The first signature counts: the report is only ever sent as those bytes. */
export async function storeMessage(
  transaction: Transaction,
  number: bigint,
  message: Uint8Array,
): Promise<void> {
  await transaction.query(SIGN, [number, message]);
}

export async function storeStatement(
  transaction: Transaction,
  number: bigint,
  statement: Uint8Array,
  window: number,
): Promise<void> {
  await transaction.query(ACCEPT, [number, statement, window]);
}
