import {
  concatBytes,
  equalBytes,
  err,
  ok,
  digestOfDigests,
  refusal,
  settlementReport,
  settlementStatement,
  type FromCentralBank,
  type Refusal,
  type Result,
  type SettlementReport,
  type SettlementStatement,
} from "@bezant/protocol";
import { done, fromDatabase, transact } from "@bezant/service";
import type { Transaction } from "@bezant/service/db";
import type { Core } from "../core/core.ts";
import { counterOf } from "../core/counter.ts";
import { cutReport, isAnythingToReport } from "./cut.ts";
import { readDigests, toPages } from "./digests.ts";
import { addFlows, flowsBeyond, NO_FLOWS, readFlows } from "./flows.ts";
import {
  contentOf,
  digestOf,
  findReport,
  lastReport,
  lockReport,
  storeMessage,
  storeStatement,
  type ReportRow,
} from "./reports.ts";
import { ask, hear, say } from "./speak.ts";
import { takenUpBefore } from "./take-ups.ts";

/** Reports in one go at most; what is left is for the next one. */
const MOST = 16;

/**
 * Reports to the central bank until nothing is left to report: first whatever was begun and not accepted, then what has
 * moved since. What is sent again is the same bytes, so lost and repeated answers do no harm.
 * @returns how many reports were accepted
 */
export async function sendReports(core: Core): Promise<Result<number, Refusal>> {
  for (let sent = 0; ; sent += 1) {
    const next = await nextReport(core);
    if (!next.ok) return next;
    if (next.value === undefined || sent === MOST) return ok(sent);
    const accepted = await report(core, next.value);
    if (!accepted.ok) return accepted;
  }
}

/** The number of the report that is to be finished or begun; undefined: everything is reported. */
async function nextReport(core: Core): Promise<Result<bigint | undefined, Refusal>> {
  const last = await lastReport(core.db);
  if (!last.ok) return err(fromDatabase(last.error));
  const { number = 0n, status = "accepted" } = last.value ?? {};
  if (status !== "accepted") return ok(number);
  const waiting = await isAnythingToReport(core);
  return waiting.ok ? ok(waiting.value ? number + 1n : undefined) : waiting;
}

async function report(core: Core, number: bigint): Promise<Result<void, Refusal>> {
  const cut = await cutReport(core, number);
  if (!cut.ok) return cut;
  const made = await transact(core.db, async (transaction) => {
    await lockReport(transaction, number);
    const row = await findReport(transaction, number);
    if (row === undefined) throw new Error(`no report ${number}`);
    const message = row.message ?? (await sign(core, transaction, row));
    const pages = toPages(await readDigests(transaction, number));
    return done({ message, pages });
  });
  if (!made.ok) return made;
  const { message, pages } = made.value;
  const answer = await ask(core, "reports", concatBytes(message, pages));
  if (!answer.ok) return answer;
  const heard = await hear(core, settlementStatement, answer.value);
  return heard.ok ? accept(core, number, message, heard.value) : heard;
}

/** Released after COMMIT only: a report that nobody has seen is none. */
async function sign(core: Core, transaction: Transaction, row: ReportRow): Promise<Uint8Array> {
  const content = await makeContent(transaction, row);
  const message = await say(core, settlementReport, content);
  await storeMessage(transaction, row.number, message);
  return message;
}

async function makeContent(
  transaction: Transaction,
  { number, n }: ReportRow,
): Promise<SettlementReport> {
  const { certificates, confirmations } = await readDigests(transaction, number);
  const before = await reportBefore(transaction, number);
  const reported = before === undefined ? NO_FLOWS : contentOf(before).totals;
  const flows = flowsBeyond(reported, await readFlows(transaction, number));
  return {
    n: counterOf(n),
    flows,
    totals: addFlows(reported, flows),
    certificates: certificates.length,
    certificatesDigest: digestOfDigests(certificates),
    confirmations: confirmations.length,
    confirmationsDigest: digestOfDigests(confirmations),
    previous: before === undefined ? new Uint8Array(32) : digestOf(before),
  };
}

/** The report that this one follows, as it was signed; undefined: it is the first. */
async function reportBefore(
  transaction: Transaction,
  number: bigint,
): Promise<Uint8Array | undefined> {
  const taken = await takenUpBefore(transaction, number);
  if (taken !== undefined || number === 1n) return taken;
  const message = (await findReport(transaction, number - 1n))?.message ?? undefined;
  if (message === undefined) throw new Error(`report ${number - 1n} was never signed`);
  return message;
}

async function accept(
  { db }: Core,
  number: bigint,
  message: Uint8Array,
  { payload, bytes }: FromCentralBank<SettlementStatement>,
): Promise<Result<void, Refusal>> {
  const { n } = contentOf(message);
  if (payload.report !== n || !equalBytes(payload.digest, digestOf(message))) {
    // Another ledger than this one has reported meanwhile: the next settling finds out which.
    const detail = `the statement is about report ${payload.report}, not ${n}`;
    return err(refusal("report-conflict", detail));
  }
  return transact(db, async (transaction) => {
    await storeStatement(transaction, number, bytes, payload.window);
    return done(undefined);
  });
}
