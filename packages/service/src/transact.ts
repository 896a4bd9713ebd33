import { err, ok, refusal, type Refusal, type RefusalCode, type Result } from "@bezant/protocol";
import type { Database, DatabaseFailure, Transaction, Unavailable } from "./db/index.ts";

/** How a transaction ends: with an answer or a refusal that is to be kept, or with nothing changed at all. */
export type Decision<T> = Result<Result<T, Refusal>, Refusal>;

/** Commits. */
export function done<T>(value: T): Decision<T> {
  return ok(ok(value));
}

/** Rolls back. */
export function refuse(code: RefusalCode, detail?: string): Result<never, Refusal> {
  return err(refusal(code, detail));
}

/** Refuses, and commits what the transaction has written about it, such as evidence. */
export function refuseAndKeep(code: RefusalCode, detail?: string): Decision<never> {
  return ok(err(refusal(code, detail)));
}

/** One durable transaction; a COMMIT without an answer becomes `commit-unknown`, which repeating the request settles. */
export async function transact<T>(
  db: Database,
  work: (transaction: Transaction) => Promise<Decision<T>>,
): Promise<Result<T, Refusal>> {
  const decision = await db.transaction(work);
  if (decision.ok) return decision.value;
  return err(isDatabaseFailure(decision.error) ? fromDatabase(decision.error) : decision.error);
}

/** What a failure of the database is to a client. */
export function fromDatabase({ code, detail }: DatabaseFailure | Unavailable): Refusal {
  return refusal(code === "commit-unknown" ? "commit-unknown" : "unavailable", detail);
}

function isDatabaseFailure(error: DatabaseFailure | Refusal): error is DatabaseFailure {
  const { code } = error;
  return (
    (code === "commit-unknown" && "detail" in error) ||
    code === "database-unavailable" ||
    code === "database-contention"
  );
}
