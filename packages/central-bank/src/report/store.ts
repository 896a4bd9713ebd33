import {
  settlementReport,
  unwrap,
  type Flows,
  type ProviderId,
  type Seconds,
} from "@bezant/protocol";
import type { Transaction } from "@bezant/service/db";
import type { Digests } from "./read.ts";

const READ = {
  name: "read-report",
  text: "SELECT digest, message FROM reports WHERE provider = $1 AND n = $2",
};

export interface KnownReport {
  readonly digest: Uint8Array;
  readonly totals: Flows;
}

export async function readReport(
  transaction: Transaction,
  provider: ProviderId,
  n: bigint,
): Promise<KnownReport | undefined> {
  const { rows } = await transaction.query<{ digest: Uint8Array; message: Uint8Array }>(READ, [
    provider,
    n,
  ]);
  const [row] = rows;
  if (row === undefined) return undefined;
  const { totals } = unwrap(settlementReport.parse(row.message)).payload;
  return { digest: row.digest, totals };
}

export interface ReportRecord {
  readonly provider: ProviderId;
  readonly n: bigint;
  /** SHA-256 of the payload. */
  readonly digest: Uint8Array;
  readonly message: Uint8Array;
}

const INSERT = {
  name: "insert-report",
  text: `INSERT INTO reports
      (provider, n, settlement_window, digest, message, outward, inward, accepted_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
};
const ADVANCE = {
  name: "advance-report",
  text: "UPDATE providers SET report = $2 WHERE provider = $1",
};

export async function insertReport(
  transaction: Transaction,
  record: ReportRecord & {
    readonly window: bigint;
    readonly outward: bigint;
    readonly inward: bigint;
  },
  at: Seconds,
): Promise<void> {
  const { provider, n, window, digest, message, outward, inward } = record;
  const values = [provider, n, window, digest, message, outward, inward, at];
  await transaction.query(INSERT, values);
  await transaction.query(ADVANCE, [provider, n]);
}

const KEEP = {
  name: "keep-conflict",
  text: `INSERT INTO conflicting_reports (provider, n, digest, message, arrived_at)
    VALUES ($1, $2, $3, $4, $5) ON CONFLICT (provider, n, digest) DO NOTHING`,
};

export async function keepConflict(
  transaction: Transaction,
  { provider, n, digest, message }: ReportRecord,
  at: Seconds,
): Promise<void> {
  await transaction.query(KEEP, [provider, n, digest, message, at]);
}

// What was reported before keeps its first report: a certificate may be named again when it is fetched again.
const INSERT_DIGESTS = {
  name: "insert-digests",
  text: `INSERT INTO reported_digests (provider, kind, digest, report)
    SELECT $1, $2, d, $3 FROM unnest($4::bytea[]) AS d
    ON CONFLICT (provider, kind, digest) DO NOTHING`,
};

export async function insertDigests(
  transaction: Transaction,
  provider: ProviderId,
  report: bigint,
  { certificates, confirmations }: Digests,
): Promise<void> {
  for (const [kind, digests] of [
    ["certificate", certificates],
    ["confirmation", confirmations],
  ] as const) {
    if (digests.length === 0) continue;
    await transaction.query(INSERT_DIGESTS, [provider, kind, report, digests]);
  }
}
