import {
  reportDigest,
  settlementReport,
  unwrap,
  type Counter,
  type Result,
  type Seconds,
  type SettlementReport,
} from "@bezant/protocol";
import type { Database, Transaction, Unavailable } from "@bezant/service/db";

export type ReportStatus = "cutting" | "cut" | "accepted";

/** A settlement report and how far it has got. */
export interface ReportRow {
  readonly number: bigint;
  /** Its number at the central bank: the same, unless the ledger was restored from a backup. */
  readonly n: bigint;
  readonly status: ReportStatus;
  readonly message: Uint8Array | null;
  readonly statement: Uint8Array | null;
}

const LAST = {
  name: "last-report",
  text: "SELECT number, n, status, message, statement FROM reports ORDER BY number DESC LIMIT 1",
};
const READ = {
  name: "read-report",
  text: "SELECT number, n, status, message, statement FROM reports WHERE number = $1",
};
const OPEN = {
  name: "open-report",
  text: `INSERT INTO reports (number, n, status)
    SELECT $1, coalesce(max(n), 0) + 1, 'cutting' FROM reports ON CONFLICT DO NOTHING`,
};
const LOCK_LAST = {
  name: "lock-last-report",
  text: `SELECT number, n, status, message, statement FROM reports
    ORDER BY number DESC LIMIT 1 FOR NO KEY UPDATE`,
};
const NUMBER = {
  name: "number-report",
  text: "UPDATE reports SET n = $2, message = NULL WHERE number = $1 AND status <> 'accepted'",
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

/** The last report; it stays as it is until the transaction ends. */
export async function lockLast(transaction: Transaction): Promise<ReportRow | undefined> {
  const { rows } = await transaction.query<ReportRow>(LOCK_LAST);
  return rows[0];
}

export async function findReport(
  transaction: Transaction,
  number: bigint,
): Promise<ReportRow | undefined> {
  const { rows } = await transaction.query<ReportRow>(READ, [number]);
  return rows[0];
}

/** What a report of this provider says, which was signed and stored. */
export function contentOf(message: Uint8Array): SettlementReport {
  return unwrap(settlementReport.parse(message)).payload;
}

/** How a report is named in the next one. */
export function digestOf(message: Uint8Array): Uint8Array {
  return reportDigest(unwrap(settlementReport.parse(message)).payloadBytes);
}

/** Another number at the central bank, for a report that was not accepted; it has to be signed again. */
export async function setNumber(
  transaction: Transaction,
  number: bigint,
  n: Counter,
): Promise<void> {
  await transaction.query(NUMBER, [number, n]);
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

/** False: it is closed already. */
export async function closeReport(
  transaction: Transaction,
  number: bigint,
  at: Seconds,
): Promise<boolean> {
  const { count } = await transaction.query(CLOSE, [number, at]);
  return count === 1;
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
