import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { err, ok, type Result } from "@bezant/protocol";
import pg from "pg";
import { isSqlState } from "./failure.ts";

/** The database and the migrations of this release do not belong together; the database was not changed. */
export interface MigrationError {
  readonly code:
    /** A file of the folder is not named like `0001_ledger.sql`, or two have one number. */
    | "migration-misnamed"
    /** A migration that was applied has other text now. */
    | "migration-changed"
    /** A migration was applied that this release does not have: the database is of a newer release. */
    | "migration-missing"
    /** A new migration has a number below one that was applied. */
    | "migration-out-of-order";
  readonly message: string;
}

interface Migration {
  readonly version: number;
  readonly name: string;
  readonly checksum: string;
  readonly sql: string;
}

interface Applied {
  readonly version: number;
  readonly name: string;
  readonly checksum: string;
}

/** Not distributed under Citus: it is the coordinator's own. */
const TABLE = `
  CREATE TABLE IF NOT EXISTS schema_migration (
    version integer PRIMARY KEY,
    name text NOT NULL,
    checksum text NOT NULL
  );
  COMMENT ON TABLE schema_migration IS 'local: which migrations this database has'`;

const DUPLICATES = ["23505", "42P07", "42710"];

/**
 * Brings a database to the state that the folder's files describe, all in one transaction. Safe when several servers start at once:
 * the table of migrations is locked, the second finds the work done.
 * @returns the names of the migrations that this call applied
 * @throws pg.DatabaseError for a faulty migration; nothing of it stays
 */
export async function migrate(
  url: string,
  folder: string,
): Promise<Result<string[], MigrationError>> {
  const migrations = readMigrations(folder);
  if (!migrations.ok) return migrations;
  const client = new pg.Client({ connectionString: url, application_name: "bezant-migrate" });
  client.on("error", () => undefined);
  await client.connect();
  try {
    await createTable(client);
    await client.query("BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE");
    await client.query("LOCK TABLE schema_migration IN ACCESS EXCLUSIVE MODE");
    const pending = compare(migrations.value, await readApplied(client));
    if (!pending.ok) return pending;
    for (const migration of pending.value) await apply(client, migration);
    await client.query("COMMIT");
    return ok(pending.value.map(({ name }) => name));
  } finally {
    await client.end();
  }
}

/** IF NOT EXISTS does not keep two sessions from colliding. */
async function createTable(client: pg.Client): Promise<void> {
  try {
    await client.query(TABLE);
  } catch (error) {
    if (!isSqlState(error, ...DUPLICATES)) throw error;
  }
}

async function readApplied(client: pg.Client): Promise<Applied[]> {
  const { rows } = await client.query<Applied>(
    "SELECT version, name, checksum FROM schema_migration ORDER BY version",
  );
  return rows;
}

async function apply(
  client: pg.Client,
  { version, name, checksum, sql }: Migration,
): Promise<void> {
  const before = await transactionId(client);
  await client.query(sql);
  if ((await transactionId(client)) !== before) {
    throw new Error(`${name} ends the transaction that it runs in`);
  }
  await client.query("INSERT INTO schema_migration (version, name, checksum) VALUES ($1, $2, $3)", [
    version,
    name,
    checksum,
  ]);
}

async function transactionId(client: pg.Client): Promise<string> {
  const { rows } = await client.query<{ id: string }>("SELECT pg_current_xact_id()::text AS id");
  return rows[0]?.id ?? "";
}

function compare(migrations: Migration[], applied: Applied[]): Result<Migration[], MigrationError> {
  const byVersion = new Map(migrations.map((migration) => [migration.version, migration]));
  for (const { version, name, checksum } of applied) {
    const migration = byVersion.get(version);
    if (migration === undefined) {
      return refuse("migration-missing", `The database has ${name}, which this release has not.`);
    }
    if (migration.name !== name || migration.checksum !== checksum) {
      return refuse("migration-changed", `${migration.name} is not what was applied as ${name}.`);
    }
  }
  const last = Math.max(0, ...applied.map(({ version }) => version));
  const done = new Set(applied.map(({ version }) => version));
  const pending = migrations.filter(({ version }) => !done.has(version));
  const late = pending.find(({ version }) => version < last);
  if (late === undefined) return ok(pending);
  return refuse("migration-out-of-order", `${late.name} comes before one that was applied.`);
}

function readMigrations(folder: string): Result<Migration[], MigrationError> {
  const migrations: Migration[] = [];
  let last = 0;
  const names = readdirSync(folder).filter((name) => name.endsWith(".sql"));
  for (const name of names.toSorted()) {
    const version = Number(/^(\d{4})_[a-z0-9_]+\.sql$/.exec(name)?.[1]);
    if (!(version > last)) {
      return refuse("migration-misnamed", `${name} needs a number of its own: 0001_subject.sql.`);
    }
    // A checkout with other line ends is the same migration.
    const sql = readFileSync(join(folder, name), "utf8").replaceAll("\r\n", "\n");
    const checksum = createHash("sha256").update(sql).digest("hex");
    migrations.push({ version, name, checksum, sql });
    last = version;
  }
  return ok(migrations);
}

function refuse(code: MigrationError["code"], message: string): Result<never, MigrationError> {
  return err({ code, message });
}
