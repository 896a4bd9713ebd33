import {
  seconds,
  statusChunk,
  unwrap,
  type ProviderId,
  type Seconds,
  type StatusChunk,
} from "@bezant/protocol";
import type { Database, Transaction } from "@bezant/service/db";

/** The newest list of an issuer that is known here. */
export interface ListHead {
  readonly issuer: ProviderId;
  readonly epoch: number;
  readonly issuedAt: Seconds;
  /** Rises with every change. */
  readonly version: number;
}

interface HeadRow {
  readonly issuer: ProviderId;
  readonly epoch: bigint;
  readonly issued_at: bigint;
  readonly version: bigint;
}

const HEADS = {
  name: "status-heads",
  text: "SELECT issuer, epoch, issued_at, version FROM status_lists ORDER BY issued_at DESC, issuer",
};
const LOCK_HEAD = {
  name: "lock-status-head",
  text: `SELECT issuer, epoch, issued_at, version FROM status_lists WHERE issuer = $1 FOR UPDATE`,
};
const PUT_HEAD = {
  name: "put-status-head",
  text: `INSERT INTO status_lists (issuer, epoch, issued_at, version) VALUES ($1, $2, $3, 1)
    ON CONFLICT (issuer) DO UPDATE SET epoch = GREATEST (status_lists.epoch, EXCLUDED.epoch),
      issued_at = GREATEST (status_lists.issued_at, EXCLUDED.issued_at),
      version = status_lists.version + 1`,
};

/** The heads of all lists that are known, the newest first. */
export async function readHeads(
  transaction: Pick<Transaction, "query">,
): Promise<readonly ListHead[]> {
  const { rows } = await transaction.query<HeadRow>(HEADS);
  return rows.map(toHead);
}

export async function lockHead(
  transaction: Transaction,
  issuer: ProviderId,
): Promise<ListHead | undefined> {
  const { rows } = await transaction.query<HeadRow>(LOCK_HEAD, [issuer]);
  return rows[0] === undefined ? undefined : toHead(rows[0]);
}

/** Notes that an issuer has chunks of this epoch; epochs only rise. */
export async function putHead(
  transaction: Transaction,
  issuer: ProviderId,
  { epoch, issuedAt }: Pick<StatusChunk, "epoch" | "issuedAt">,
): Promise<void> {
  await transaction.query(PUT_HEAD, [issuer, epoch, issuedAt]);
}

/** A signed chunk, as it is stored and handed out. */
export interface StoredChunk {
  readonly issuer: ProviderId;
  readonly message: Uint8Array;
}

const OVERLAPPING = {
  name: "drop-status-chunks",
  text: `DELETE FROM status_chunks
    WHERE issuer = $1 AND first_index <= $3 AND last_index >= $2 AND epoch <= $4`,
};
const NEWER = {
  name: "newer-status-chunk",
  text: `SELECT 1 FROM status_chunks
    WHERE issuer = $1 AND first_index <= $3 AND last_index >= $2 AND epoch > $4 LIMIT 1`,
};
const INSERT = {
  name: "insert-status-chunk",
  text: `INSERT INTO status_chunks (issuer, first_index, last_index, epoch, message)
    VALUES ($1, $2, $3, $4, $5)`,
};

/** Puts a chunk in the place of older ones of its range. False: a newer one is there already. */
export async function putChunk(
  transaction: Transaction,
  issuer: ProviderId,
  { first, last, epoch }: StatusChunk,
  message: Uint8Array,
): Promise<boolean> {
  const range = [issuer, first, last, epoch];
  const { count } = await transaction.query(NEWER, range);
  if (count > 0) return false;
  await transaction.query(OVERLAPPING, range);
  await transaction.query(INSERT, [...range, message]);
  return true;
}

const ALL = {
  name: "status-chunks",
  text: "SELECT issuer, message FROM status_chunks ORDER BY issuer, first_index",
};
const OF = {
  name: "status-chunks-of",
  text: "SELECT message FROM status_chunks WHERE issuer = $1 ORDER BY first_index",
};
const COVERING = {
  name: "status-chunk-covering",
  text: `SELECT message FROM status_chunks
    WHERE issuer = $1 AND first_index <= $2 AND last_index >= $2`,
};

/** Every chunk there is. */
export async function readChunks(
  transaction: Pick<Transaction, "query">,
): Promise<readonly StoredChunk[]> {
  const { rows } = await transaction.query<{ issuer: ProviderId; message: Buffer }>(ALL);
  return rows;
}

export function findChunks(db: Database, issuer: ProviderId): ReturnType<typeof queryMessages> {
  return queryMessages(db, OF, [issuer]);
}

export function findChunk(
  db: Database,
  issuer: ProviderId,
  index: number,
): ReturnType<typeof queryMessages> {
  return queryMessages(db, COVERING, [issuer, index]);
}

function queryMessages(
  db: Database,
  statement: { readonly name: string; readonly text: string },
  values: readonly unknown[],
) {
  return db.query<{ message: Buffer }>(statement, values);
}

/** What a chunk that was verified before it was stored says. */
export function contentOf({ message }: StoredChunk): StatusChunk {
  return unwrap(statusChunk.parse(message)).payload;
}

function toHead({ issuer, epoch, issued_at, version }: HeadRow): ListHead {
  return {
    issuer,
    epoch: Number(epoch),
    issuedAt: seconds(Number(issued_at)),
    version: Number(version),
  };
}
