import pg from "pg";
import {
  DEADLOCK_DETECTED,
  isSqlState,
  SERIALIZATION_FAILURE,
  type DatabaseFailure,
} from "./failure.ts";

/**
 * Sends COMMIT. Answers undefined once the transaction is committed, with all durability that the server is configured for;
 * answers `commit-unknown` where nobody can tell.
 * @throws pg.DatabaseError where the server says that it rolled back
 */
export async function commit(client: pg.ClientBase): Promise<DatabaseFailure | undefined> {
  const warnings: string[] = [];
  const listen = (notice: { code?: string | undefined; message?: string | undefined }): void => {
    if (!isHarmless(notice.code)) warnings.push(notice.message ?? "");
  };
  client.on("notice", listen);
  let command: string;
  try {
    ({ command } = await client.query("COMMIT"));
  } catch (error) {
    if (isRolledBack(error)) throw error;
    return unknown(error instanceof Error ? error.message : String(error));
  } finally {
    client.off("notice", listen);
  }
  if (command !== "COMMIT") {
    throw new Error("a statement was refused and its error ignored: the transaction rolled back");
  }
  return warnings.length === 0 ? undefined : unknown(warnings.join("; "));
}

/**
 * COMMIT succeeds with a warning when its wait for a synchronous standby was cut short: it is durable on one node only,
 * and a failover may undo it (PostgreSQL, syncrep.c). Citus warns of a participant whose second phase is still to come.
 * Notices have class 00; severities are translated, so they are no help.
 */
function isHarmless(code: string | undefined): boolean {
  return code?.startsWith("00") ?? false;
}

/** A deferred constraint (class 23) or a conflict: refused before anything was committed. All else proves nothing. */
function isRolledBack(error: unknown): boolean {
  if (isSqlState(error, SERIALIZATION_FAILURE, DEADLOCK_DETECTED)) return true;
  return error instanceof pg.DatabaseError && (error.code?.startsWith("23") ?? false);
}

function unknown(detail: string): DatabaseFailure {
  return { code: "commit-unknown", detail };
}
