import {
  err,
  fromHex,
  ok,
  type Refusal,
  type Result,
  type Seconds,
  type TaManifest,
} from "@bezant/protocol";
import { fromDatabase } from "@bezant/service";
import type { Database, Statement, Transaction } from "@bezant/service/db";

/** A release, without its module. */
export interface ReleaseRow {
  readonly uuid: string;
  readonly version: number;
  readonly measurement: Uint8Array;
  readonly size: number;
  readonly minimumVersion: number;
  readonly manifest: Uint8Array;
  readonly endorsement: Uint8Array;
  readonly isWithdrawn: boolean;
}

interface Raw {
  readonly uuid: string;
  readonly version: bigint;
  readonly measurement: Buffer;
  readonly size: bigint;
  readonly minimum_version: bigint;
  readonly manifest: Buffer;
  readonly endorsement: Buffer;
  readonly is_withdrawn: boolean;
}

const COLUMNS = `encode(uuid, 'hex') AS uuid, version, measurement, size, minimum_version, manifest,
  endorsement, withdrawn_at IS NOT NULL AS is_withdrawn`;
const ALL = {
  name: "releases",
  text: `SELECT ${COLUMNS} FROM releases ORDER BY uuid, version DESC`,
};
const FIND = {
  name: "find-release",
  text: `SELECT ${COLUMNS} FROM releases WHERE uuid = $1 AND version = $2`,
};
const NEWEST = {
  name: "newest-release",
  text: `SELECT ${COLUMNS} FROM releases
    WHERE uuid = $1 AND version > $2 AND minimum_version <= $2 AND withdrawn_at IS NULL
    ORDER BY version DESC LIMIT 1`,
};
const MODULE = {
  name: "release-module",
  text: "SELECT module FROM releases WHERE uuid = $1 AND version = $2",
};
const INSERT = {
  name: "publish-release",
  text: `INSERT INTO releases (uuid, version, measurement, size, minimum_version, manifest, endorsement,
      module, published_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING`,
};
const WITHDRAW = {
  name: "withdraw-release",
  text: `UPDATE releases SET withdrawn_at = $3
    WHERE uuid = $1 AND version = $2 AND withdrawn_at IS NULL`,
};

export async function allReleases(db: Database): Promise<Result<readonly ReleaseRow[], Refusal>> {
  return rowsOf(db, ALL, []);
}

export async function findRelease(
  db: Database,
  uuid: string,
  version: number,
): Promise<Result<ReleaseRow | undefined, Refusal>> {
  const found = await rowsOf(db, FIND, [fromHex(uuid), version]);
  return found.ok ? ok(found.value[0]) : found;
}

/** The newest release that takes over from this version; undefined if there is none. */
export async function newestAfter(
  db: Database,
  uuid: string,
  version: number,
): Promise<Result<ReleaseRow | undefined, Refusal>> {
  const found = await rowsOf(db, NEWEST, [fromHex(uuid), version]);
  return found.ok ? ok(found.value[0]) : found;
}

export async function moduleOf(
  db: Database,
  { uuid, version }: ReleaseRow,
): Promise<Result<Uint8Array, Refusal>> {
  const found = await db.query<{ module: Buffer }>(MODULE, [fromHex(uuid), version]);
  if (!found.ok) return err(fromDatabase(found.error));
  const [row] = found.value.rows;
  if (row === undefined) throw new Error("a release is never deleted");
  return ok(new Uint8Array(row.module));
}

export async function insertRelease(
  transaction: Transaction,
  manifest: TaManifest,
  signed: {
    readonly manifest: Uint8Array;
    readonly endorsement: Uint8Array;
    readonly module: Uint8Array;
  },
  at: Seconds,
): Promise<boolean> {
  const { uuid, version, measurement, size, minimumVersion } = manifest;
  const { count } = await transaction.query(INSERT, [
    fromHex(uuid),
    version,
    measurement,
    size,
    minimumVersion,
    signed.manifest,
    signed.endorsement,
    signed.module,
    at,
  ]);
  return count === 1;
}

/** In the transaction that has just failed to insert it. */
export async function readRelease(
  transaction: Transaction,
  uuid: string,
  version: number,
): Promise<ReleaseRow | undefined> {
  const { rows } = await transaction.query<Raw>(FIND, [fromHex(uuid), version]);
  return rows.map(rowOf)[0];
}

export async function withdrawRelease(
  transaction: Transaction,
  uuid: string,
  version: number,
  at: Seconds,
): Promise<boolean> {
  await transaction.query(WITHDRAW, [fromHex(uuid), version, at]);
  return (await readRelease(transaction, uuid, version)) !== undefined;
}

async function rowsOf(
  db: Database,
  statement: Statement,
  values: Parameters<Database["query"]>[1],
): Promise<Result<readonly ReleaseRow[], Refusal>> {
  const found = await db.query<Raw>(statement, values);
  return found.ok ? ok(found.value.rows.map(rowOf)) : err(fromDatabase(found.error));
}

function rowOf(raw: Raw): ReleaseRow {
  return {
    uuid: raw.uuid,
    version: Number(raw.version),
    measurement: new Uint8Array(raw.measurement),
    size: Number(raw.size),
    minimumVersion: Number(raw.minimum_version),
    manifest: new Uint8Array(raw.manifest),
    endorsement: new Uint8Array(raw.endorsement),
    isWithdrawn: raw.is_withdrawn,
  };
}
