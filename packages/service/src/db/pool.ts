import type { Duplex } from "node:stream";
import { err, ok, type Result } from "@bezant/protocol";
import pg from "pg";
import { commit } from "./commit.ts";
import {
  ConnectionLost,
  DEADLOCK_DETECTED,
  failureOf,
  fromDriver,
  isSqlState,
  lost,
  SERIALIZATION_FAILURE,
  unavailable,
  type DatabaseFailure,
  type Unavailable,
} from "./failure.ts";
import { bigIntTypes } from "./values.ts";

export interface Rows<R> {
  readonly rows: R[];
  /** Rows that a statement returned, inserted, changed or deleted. */
  readonly count: number;
}

/** SQL with `$1, $2 …`; with a name, each connection parses and plans it only once. */
export type Statement = string | { readonly name: string; readonly text: string };

/** One transaction, READ COMMITTED. Each statement is awaited before the next is sent. */
export interface Transaction {
  /**
   * @throws pg.DatabaseError when PostgreSQL refuses the statement; the transaction can then only be given up.
   *   `isSqlState` tells expected refusals. Let all others pass: `transaction` retries or reports them.
   */
  query<R = unknown>(statement: Statement, values?: readonly unknown[]): Promise<Rows<R>>;
}

export interface Database {
  /** Runs one statement that only reads; one that writes is refused by PostgreSQL. */
  query<R = unknown>(
    statement: Statement,
    values?: readonly unknown[],
  ): Promise<Result<Rows<R>, Unavailable>>;

  /**
   * Runs `work` in a transaction, commits where it answers ok and rolls back where it answers an error or throws.
   * Work is repeated after a deadlock or a connection lost before COMMIT: outside of the transaction it must have no effect.
   */
  transaction<T, E = never>(
    work: (transaction: Transaction) => Promise<Result<T, E>>,
  ): Promise<Result<T, E | DatabaseFailure>>;

  /** For metrics. */
  connections(): { readonly open: number; readonly idle: number; readonly waiting: number };

  /** Waits for running transactions, then closes all connections. */
  close(): Promise<void>;
}

export interface PoolOptions {
  /** `postgresql://…`; libpq's `host=/folder` stands for a Unix socket. */
  readonly url: string;
  /** Connections at most. */
  readonly maxConnections?: number;
  /** After this time the server gives a statement up, half as long again and the driver gives up the server. */
  readonly statementTimeoutMs?: number;
  /** What stands for the socket to the server; a simulation has its own. */
  readonly stream?: () => Duplex;
}

const ATTEMPTS = 4;
const CONNECT_TIMEOUT_MS = 10_000;

/** Whatever the server's defaults are. Writing needs a transaction, whose COMMIT has an outcome to be told. */
function sessionSettings(statementTimeoutMs: number): string {
  return [
    "SET default_transaction_read_only = on",
    "SET default_transaction_isolation = 'read committed'",
    "SET timezone = 'UTC'",
    `SET statement_timeout = ${statementTimeoutMs}`,
    `SET lock_timeout = ${Math.ceil(statementTimeoutMs / 2)}`,
    `SET idle_in_transaction_session_timeout = ${statementTimeoutMs}`,
  ].join(";");
}

/** Opens a pool; connections are made when they are first needed. */
export function openPool({
  url,
  maxConnections = 16,
  statementTimeoutMs = 30_000,
  stream,
}: PoolOptions): Database {
  const session = sessionSettings(statementTimeoutMs);
  const pool = new pg.Pool({
    connectionString: url,
    max: maxConnections,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    query_timeout: Math.ceil(statementTimeoutMs * 1.5),
    keepAlive: true,
    application_name: "bezant",
    types: bigIntTypes,
    ...(stream === undefined ? {} : { stream }),
    verify: (client, done) => client.query(session, (error) => done(error)),
  });
  // A connection that dies idle is replaced at the next use, which reports what it finds.
  pool.on("error", () => undefined);
  // One that dies in use rejects its statement, but the driver emits an error besides.
  pool.on("connect", (client) => client.on("error", () => undefined));
  return {
    query: (statement, values) => read(pool, statement, values),
    transaction: (work) => transact(pool, work),
    connections: () => ({
      open: pool.totalCount,
      idle: pool.idleCount,
      waiting: pool.waitingCount,
    }),
    close: () => pool.end(),
  };
}

async function read<R>(
  pool: pg.Pool,
  statement: Statement,
  values: readonly unknown[] | undefined,
): Promise<Result<Rows<R>, Unavailable>> {
  for (let attempt = 1; ; attempt += 1) {
    const connection = await connect(pool);
    if (!connection.ok) return connection;
    const client = connection.value;
    try {
      const rows = await run<R>(client, statement, values);
      client.release();
      return ok(rows);
    } catch (error) {
      client.release(error instanceof ConnectionLost);
      const failure = failureOf(error);
      if (failure === undefined) throw error;
      if (!(error instanceof ConnectionLost) || attempt === ATTEMPTS)
        return err(unavailable(error));
    }
  }
}

async function transact<T, E>(
  pool: pg.Pool,
  work: (transaction: Transaction) => Promise<Result<T, E>>,
): Promise<Result<T, E | DatabaseFailure>> {
  for (let attempt = 1; ; attempt += 1) {
    const connection = await connect(pool);
    if (!connection.ok) return connection;
    try {
      return await attemptOnce(connection.value, work);
    } catch (error) {
      const failure = failureOf(error);
      if (failure === undefined) throw error;
      if (!isRetryable(error) || attempt === ATTEMPTS) return err(failure);
    }
  }
}

/** Only where the same work may go through at once. */
function isRetryable(error: unknown): boolean {
  return (
    error instanceof ConnectionLost || isSqlState(error, SERIALIZATION_FAILURE, DEADLOCK_DETECTED)
  );
}

/** One attempt; throws where nothing was committed for a reason that is not the work's own answer. */
async function attemptOnce<T, E>(
  client: pg.PoolClient,
  work: (transaction: Transaction) => Promise<Result<T, E>>,
): Promise<Result<T, E | DatabaseFailure>> {
  let isOpen = true;
  const transaction: Transaction = {
    query: (statement, values) => {
      if (!isOpen) throw new Error("the transaction is over");
      return run(client, statement, values);
    },
  };
  let answer: Result<T, E>;
  try {
    await begin(client);
    answer = await work(transaction);
  } catch (error) {
    isOpen = false;
    await giveUp(client);
    throw error;
  }
  isOpen = false;
  if (!answer.ok) {
    await giveUp(client);
    return answer;
  }
  const failure = await commitAndRelease(client);
  return failure === undefined ? answer : err(failure);
}

/** A server that refuses this was demoted to a standby. */
async function begin(client: pg.PoolClient): Promise<void> {
  try {
    await run(client, "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE");
  } catch (error) {
    throw lost(error);
  }
}

async function commitAndRelease(client: pg.PoolClient): Promise<DatabaseFailure | undefined> {
  let failure: DatabaseFailure | undefined;
  try {
    return (failure = await commit(client));
  } finally {
    client.release(failure !== undefined);
  }
}

async function giveUp(client: pg.PoolClient): Promise<void> {
  try {
    await run(client, "ROLLBACK");
    client.release();
  } catch {
    // Closing the connection rolls back as well.
    client.release(true);
  }
}

async function connect(pool: pg.Pool): Promise<Result<pg.PoolClient, Unavailable>> {
  try {
    return ok(await pool.connect());
  } catch (error) {
    return err(unavailable(error));
  }
}

async function run<R>(
  client: pg.PoolClient,
  statement: Statement,
  values: readonly unknown[] = [],
): Promise<Rows<R>> {
  const config = typeof statement === "string" ? { text: statement } : statement;
  try {
    const { rows, rowCount } = await client.query<R & pg.QueryResultRow>({
      ...config,
      values: [...values],
    });
    return { rows, count: rowCount ?? 0 };
  } catch (error) {
    throw fromDriver(error);
  }
}
