import {
  certificateDigest,
  equalBytes,
  MAX_COUNTER,
  reportDigest,
  settlementReport,
  type FromProvider,
  type Refusal,
  type Result,
  type Seconds,
  type SettlementReport,
} from "@bezant/protocol";
import { done, refuse, refuseAndKeep, transact, type Decision } from "@bezant/service";
import type { Transaction } from "@bezant/service/db";
import type { Core } from "../core/core.ts";
import { fromProvider } from "../core/hear.ts";
import { lockProvider, lockWindow } from "../core/providers.ts";
import { hasCapacity } from "../ledger/index.ts";
import { matchPages, splitReport, sumsOf, type Digests } from "./read.ts";
import { sayStatement } from "./statement.ts";
import { insertDigests, insertReport, keepConflict, readReport } from "./store.ts";

/**
 * Takes a report into the window that is open. The same report again moves nothing and gets the statement again. CBOR sequence of a
 * `settlementReport` and `digestPage`s → `settlementStatement`.
 */
export async function acceptReport(
  core: Core,
  body: Uint8Array,
): Promise<Result<Uint8Array, Refusal>> {
  const split = splitReport(body);
  if (!split.ok) return split;
  const heard = await fromProvider(core, settlementReport, split.value.message);
  if (!heard.ok) return heard;
  const digests = matchPages(heard.value.payload, split.value.pages);
  if (!digests.ok) return digests;
  const accepted = await transact(core.db, (transaction) =>
    acceptIn(transaction, heard.value, digests.value, core.clock.now()),
  );
  return accepted.ok ? sayStatement(core, heard.value.provider) : accepted;
}

async function acceptIn(
  transaction: Transaction,
  { provider, payload: report, payloadBytes, chain, bytes }: FromProvider<SettlementReport>,
  digests: Digests,
  at: Seconds,
): Promise<Decision<void>> {
  const row = await lockProvider(transaction, provider);
  if (row === undefined) return refuse("unknown-provider");
  const n = BigInt(report.n);
  const digest = reportDigest(payloadBytes);
  if (n <= row.report) {
    const known = await readReport(transaction, provider, n);
    if (known === undefined) return refuse("malformed", "there is no report 0");
    if (equalBytes(known.digest, digest)) return done(undefined);
    await keepConflict(transaction, { provider, n, digest, message: bytes }, at);
    return refuseAndKeep("report-conflict");
  }
  if (n > row.report + 1n || n === BigInt(MAX_COUNTER)) return refuse("report-gap");
  const before = await readReport(transaction, provider, row.report);
  if (!equalBytes(report.previous, before?.digest ?? ZEROS)) {
    return refuse("report-mismatch", "previous");
  }
  const sums = sumsOf(report, before?.totals);
  if (!sums.ok) return sums;
  const window = await lockWindow(transaction);
  const { outward, inward } = sums.value;
  if (!(await hasCapacity(transaction, outward + inward))) return refuse("issuance-limit");
  const record = { provider, n, digest, message: bytes, window, outward, inward };
  await insertReport(transaction, record, at);
  // The certificate under which it reports is reported with it.
  const own = certificateDigest(chain.provider.bytes);
  const certificates = [...digests.certificates, own];
  await insertDigests(transaction, provider, n, { ...digests, certificates });
  return done(undefined);
}

const ZEROS = new Uint8Array(32);
