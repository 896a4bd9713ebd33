import { err, ok, refusal, type Refusal, type Result } from "@bezant/protocol";
import type { Core } from "../core/core.ts";
import { exchangeEntries } from "../directory/publish.ts";
import { takeAdvices } from "../interbank/advices.ts";
import { bookForgotten } from "../interbank/forgotten.ts";
import { returnPayments } from "../interbank/returns.ts";
import { sendPayments } from "../interbank/send.ts";
import { exchangeLists } from "./lists.ts";
import { boundFunding, readObligations } from "./funding.ts";
import { raiseAllowance } from "./raise.ts";
import { sendReports } from "./report.ts";
import { askStatus } from "./status.ts";
import { takeUp } from "./take-up.ts";

/** What one settling has done, and where it was stopped. */
export interface Settlement {
  /** Reports that the central bank has accepted. */
  readonly reports: number;
  /** Payments to clients of other providers that have arrived, and that have come back. */
  readonly settled: number;
  readonly returned: number;
  /** Payments of other providers that were booked here, and those of them that went back. */
  readonly advices: number;
  readonly givenBack: number;
  /** Payments of before a restore that were booked on the central bank's word. */
  readonly forgotten: number;
  /** Steps that could not be done; the next settling does them. Whatever was begun is kept. */
  readonly failed: readonly { readonly step: Step; readonly refusal: Refusal }[];
}

type Step =
  | "payments"
  | "advices"
  | "forgotten"
  | "returns"
  | "reports"
  | "allowance"
  | "funding"
  | "lists"
  | "directory";

/**
 * Settles with the central bank, as far as it can be reached: payments out of the outbox, advices into the clients'
 * accounts, reports, and what bounds deposits and funding until the next time. Every step may be broken off, repeated, and
 * done by several servers at once.
 */
export async function settleOnce(core: Core): Promise<Result<Settlement, Refusal>> {
  if (core.centralBank === undefined) return err(refusal("no-settlement"));
  const failed: Settlement["failed"][number][] = [];
  const step = async <T>(name: Step, otherwise: T, work: () => Promise<Result<T, Refusal>>) => {
    const done = await work();
    if (!done.ok) failed.push({ step: name, refusal: done.error });
    return done.ok ? done.value : otherwise;
  };
  const sent = await step("payments", { settled: 0, returned: 0 }, () => sendPayments(core));
  const advices = await step("advices", 0, () => takeAdvices(core));
  // After the advices: what a client has received since the backup covers what it has paid.
  const forgotten = await step("forgotten", 0, () => bookForgotten(core));
  const givenBack = await step("returns", 0, () => returnPayments(core));
  const reports = await step("reports", 0, () => report(core));
  await step("funding", undefined, () => bound(core));
  await step("allowance", false, () => raiseAllowance(core));
  await step("lists", undefined, () => exchangeLists(core));
  // After the lists: an entry under a key that is revoked by now is not taken.
  await step("directory", undefined, () => exchangeEntries(core));
  return ok({ reports, ...sent, advices, forgotten, givenBack, failed });
}

/** A report under a number that the central bank knows otherwise would be evidence against its provider. */
async function report(core: Core): Promise<Result<number, Refusal>> {
  const taken = await takeUp(core);
  return taken.ok ? sendReports(core) : taken;
}

async function bound(core: Core): Promise<Result<void, Refusal>> {
  const obligations = await readObligations(core.db);
  if (!obligations.ok) return obligations;
  const statement = await askStatus(core);
  return statement.ok ? boundFunding(core, obligations.value, statement.value) : statement;
}
