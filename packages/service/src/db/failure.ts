import pg from "pg";

/**
 * Why a transaction has no answer of its own. After `database-unavailable` and `database-contention` nothing was
 * written. After `commit-unknown` it may have been, whole or not at all: do the same operation again,
 * under the same idempotency key, and what the database holds then settles it.
 */
export interface DatabaseFailure {
  readonly code: "commit-unknown" | "database-unavailable" | "database-contention";
  /** For logs. */
  readonly detail: string;
}

/** A read could not be answered. */
export interface Unavailable extends DatabaseFailure {
  readonly code: "database-unavailable";
}

/** Whether PostgreSQL refused a statement with one of these SQLSTATEs. Names of constraints are not for matching. */
export function isSqlState(error: unknown, ...codes: string[]): error is pg.DatabaseError {
  return error instanceof pg.DatabaseError && codes.includes(error.code ?? "");
}

/** The connection broke, or fell silent for too long, while a statement was under way. */
export class ConnectionLost extends Error {
  override readonly name = "ConnectionLost";
}

/** What the driver rejected a statement with, told apart: lost connections are no answer, the rest is. */
export function fromDriver(error: unknown): unknown {
  if (error instanceof pg.DatabaseError) return endsSession(error) ? lost(error) : error;
  // Parsers and serialisers of values throw these: a bug.
  if (error instanceof TypeError || error instanceof RangeError || error instanceof SyntaxError) {
    return error;
  }
  return lost(error);
}

export function lost(cause: unknown): ConnectionLost {
  return new ConnectionLost(cause instanceof Error ? cause.message : String(cause), { cause });
}

/** Class 08, connection exception, and 57P, operator intervention: shutdown, crash, not yet up. */
function endsSession({ code = "", severity }: pg.DatabaseError): boolean {
  return /^(08|57P)/.test(code) || severity === "FATAL" || severity === "PANIC";
}

export const SERIALIZATION_FAILURE = "40001";
export const DEADLOCK_DETECTED = "40P01";
const LOCK_NOT_AVAILABLE = "55P03";
const QUERY_CANCELED = "57014";

/** The failure that an error before COMMIT stands for; undefined for what is a bug and must be thrown. */
export function failureOf(error: unknown): DatabaseFailure | undefined {
  if (error instanceof ConnectionLost) return unavailable(error);
  if (isSqlState(error, SERIALIZATION_FAILURE, DEADLOCK_DETECTED, LOCK_NOT_AVAILABLE)) {
    return { code: "database-contention", detail: error.message };
  }
  // Too slow, or (class 53) out of disk, memory or connections.
  if (isSqlState(error, QUERY_CANCELED)) return unavailable(error);
  if (error instanceof pg.DatabaseError && error.code?.startsWith("53")) return unavailable(error);
  return undefined;
}

export function unavailable(error: unknown): Unavailable {
  return { code: "database-unavailable", detail: lost(error).message };
}
