import { err, ok, type Result } from "@bezant/protocol";
import type { Database } from "./pool.ts";

/** Why a server cannot hold money. Nothing was changed on it. */
export interface ServerError {
  readonly code:
    | "server-unreachable"
    | "server-too-old"
    /** A standby: it follows another server and takes no writes. */
    | "server-read-only"
    /** It acknowledges what a power cut can undo. */
    | "server-not-durable"
    | "server-encoding";
  readonly message: string;
}

const OLDEST = 15;

interface Facts {
  readonly version: number;
  readonly standby: boolean;
  readonly fsync: string;
  readonly synchronous: string;
  readonly encoding: string;
}

/** Checks what a server says about itself. */
export async function checkServer(database: Database): Promise<Result<void, ServerError>> {
  const facts = await database.query<Facts>(
    `SELECT current_setting('server_version_num')::int AS version,
            pg_is_in_recovery() AS standby,
            current_setting('fsync') AS fsync,
            current_setting('synchronous_commit') AS synchronous,
            current_setting('server_encoding') AS encoding`,
  );
  if (!facts.ok) return refuse("server-unreachable", `No answer: ${facts.error.detail}.`);
  const [row] = facts.value.rows;
  return row === undefined ? refuse("server-unreachable", "No answer.") : judge(row);
}

/** @param version as `server_version_num`, such as 150018 */
export function judge(facts: Facts): Result<void, ServerError> {
  const { version, standby, fsync, synchronous, encoding } = facts;
  const major = Math.trunc(version / 10_000);
  if (major < OLDEST) {
    return refuse(
      "server-too-old",
      `PostgreSQL ${OLDEST} or newer is needed, this is PostgreSQL ${major}.`,
    );
  }
  if (standby) return refuse("server-read-only", "This server is a standby: name the primary.");
  if (fsync !== "on" || synchronous === "off") {
    return refuse(
      "server-not-durable",
      `fsync is ${fsync} and synchronous_commit ${synchronous}: committed money could be lost.`,
    );
  }
  if (encoding !== "UTF8") {
    return refuse("server-encoding", `The database is encoded in ${encoding}, not in UTF8.`);
  }
  return ok(undefined);
}

function refuse(code: ServerError["code"], message: string): Result<never, ServerError> {
  return err({ code, message });
}
