import {
  concatBytes,
  equalBytes,
  err,
  ok,
  digestOfDigests,
  refusal,
  reportDigest,
  settlementReport,
  settlementStatement,
  unwrap,
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
import { readFlows } from "./flows.ts";
import { lastReport, lockReport, readMessage, storeMessage, storeStatement } from "./reports.ts";
import { ask, hear, say } from "./speak.ts";

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
    const known = await readMessage(transaction, number);
    const message = known ?? (await sign(core, transaction, number));
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
async function sign(core: Core, transaction: Transaction, number: bigint): Promise<Uint8Array> {
  const content = await contentOf(transaction, number);
  const message = await say(core, settlementReport, content);
  await storeMessage(transaction, number, message);
  return message;
}

async function contentOf(transaction: Transaction, number: bigint): Promise<SettlementReport> {
  const { certificates, confirmations } = await readDigests(transaction, number);
  return {
    n: counterOf(number),
    flows: await readFlows(transaction, number, number),
    totals: await readFlows(transaction, 1n, number),
    certificates: certificates.length,
    certificatesDigest: digestOfDigests(certificates),
    confirmations: confirmations.length,
    confirmationsDigest: digestOfDigests(confirmations),
    previous: await digestOf(transaction, number - 1n),
  };
}

/** How the report is named in the next one. */
async function digestOf(transaction: Transaction, number: bigint): Promise<Uint8Array> {
  if (number === 0n) return new Uint8Array(32);
  const message = await readMessage(transaction, number);
  if (message === undefined) throw new Error(`report ${number} was never signed`);
  return reportDigest(unwrap(settlementReport.parse(message)).payloadBytes);
}

async function accept(
  { db }: Core,
  number: bigint,
  message: Uint8Array,
  { payload, bytes }: FromCentralBank<SettlementStatement>,
): Promise<Result<void, Refusal>> {
  const digest = reportDigest(unwrap(settlementReport.parse(message)).payloadBytes);
  if (payload.report !== Number(number) || !equalBytes(payload.digest, digest)) {
    // Another ledger than this one has reported: it was restored from a backup that is older than its last report.
    const detail = `the statement is about report ${payload.report}, not ${number}`;
    return err(refusal("report-conflict", detail));
  }
  return transact(db, async (transaction) => {
    await storeStatement(transaction, number, bytes, payload.window);
    return done(undefined);
  });
}
