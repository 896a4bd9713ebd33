import {
  counter,
  decodeSequence,
  equalBytes,
  err,
  malformed,
  MAX_MESSAGE,
  ok,
  refusal,
  reportDigest,
  settlementQuery,
  settlementReport,
  settlementStatement,
  type Refusal,
  type Result,
  type SettlementStatement,
} from "@bezant/protocol";
import { done, refuse, transact, type Decision } from "@bezant/service";
import type { Transaction } from "@bezant/service/db";
import type { Core } from "../core/core.ts";
import { countForgotten, forgottenDeposits } from "./bounds.ts";
import { crossed } from "./flows.ts";
import { contentOf, digestOf, lockLast, openReport, setNumber, type ReportRow } from "./reports.ts";
import { ask, hear, say } from "./speak.ts";
import { insertTakeUp, setCompared } from "./take-ups.ts";

/** What the central bank has of this provider: where it stands, and the last report. */
interface Known {
  readonly statement: SettlementStatement;
  /** Undefined before the first report. */
  readonly message: Uint8Array | undefined;
}

/**
 * Sets the reports of this ledger against those that the central bank has. Where it has later ones, because the ledger was
 * restored from a backup, the next report goes on after the last of them, and what was forgotten counts as reported. That
 * the ledger was restored the operator has to have said: otherwise somebody else reports with the provider's key.
 * @returns whether reports were taken up
 */
export async function takeUp(core: Core): Promise<Result<boolean, Refusal>> {
  const known = await askLastReport(core);
  if (!known.ok) return known;
  return transact(core.db, (transaction) => takeUpIn(core, transaction, known.value));
}

async function askLastReport(core: Core): Promise<Result<Known, Refusal>> {
  const query = await say(core, settlementQuery, { kind: "report", at: core.clock.now() });
  const answer = await ask(core, "queries", query);
  if (!answer.ok) return answer;
  const split = decodeSequence(answer.value, { maxItems: 2, maxItemSize: MAX_MESSAGE });
  if (!split.ok) return err(malformed(split.error));
  const [first, message] = split.value;
  if (first === undefined) return err(refusal("malformed", "no statement"));
  const heard = await hear(core, settlementStatement, first);
  if (!heard.ok) return heard;
  const statement = heard.value.payload;
  if (statement.report === 0) return ok({ statement, message: undefined });
  const report = settlementReport.parse(message ?? new Uint8Array());
  if (!report.ok) return report;
  const { payload, payloadBytes } = report.value;
  // The central bank's signature is under this digest, so whose is under the report need not be asked.
  const isIt = equalBytes(reportDigest(payloadBytes), statement.digest);
  if (!isIt || payload.n !== statement.report) {
    return err(refusal("malformed", "not the report that the statement names"));
  }
  return ok({ statement, message });
}

async function takeUpIn(
  core: Core,
  transaction: Transaction,
  { statement, message }: Known,
): Promise<Decision<boolean>> {
  const last = await lockLast(transaction);
  const at = core.clock.now();
  if (message === undefined || !isAhead(statement, last)) {
    await setCompared(transaction, at);
    return done(false);
  }
  if ((await setCompared(transaction, at)) === 0) {
    return refuse(
      "report-conflict",
      `the central bank has report ${statement.report}: a restored ledger has to be declared`,
    );
  }
  const report = await reportAfter(transaction, last, BigInt(statement.report) + 1n);
  const { totals } = contentOf(message);
  const outward = await forgottenDeposits(transaction, crossed(totals).outward);
  await insertTakeUp(transaction, { report, message, window: statement.window, outward, at });
  if (outward > 0n) await countForgotten(transaction, outward);
  return done(true);
}

/** Whether the central bank has a report that this ledger has not made. */
function isAhead({ report, digest }: SettlementStatement, last: ReportRow | undefined): boolean {
  const n = Number(last?.n ?? 0n);
  if (report !== n) return report > n;
  const message = last?.message ?? undefined;
  return message === undefined || !equalBytes(digestOf(message), digest);
}

/** The report that is to be sent next gets this number; what was signed of it before the restore is not. */
async function reportAfter(
  transaction: Transaction,
  last: ReportRow | undefined,
  n: bigint,
): Promise<bigint> {
  const isWaiting = last !== undefined && last.status !== "accepted";
  const number = isWaiting ? last.number : (last?.number ?? 0n) + 1n;
  if (!isWaiting) await openReport(transaction, number);
  await setNumber(transaction, number, counter(Number(n)));
  return number;
}
