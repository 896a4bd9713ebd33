import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import process from "node:process";
import { Duplex } from "node:stream";
import { fileURLToPath } from "node:url";
import { PGlite } from "@electric-sql/pglite";
import { openPool, type Database } from "@bezant/service/db";

/** A PostgreSQL inside this process, in memory and on one connection, behind the driver that providers use. */
export type ProcessDatabase = {
  readonly database: Database;
  /** Makes every table what it was when the database was new. */
  readonly clear: () => Promise<void>;
  /** Gives back the memory that its log takes: an engine has no other process that would do it. */
  readonly checkpoint: () => Promise<void>;
  /** Lets another driver have the engine. */
  readonly release: () => Promise<void>;
  readonly close: () => Promise<void>;
};

/** The migrations of a provider, and those of a central bank. */
const PROVIDER = migrationsOf("@bezant/provider");
export const CENTRAL_BANK = migrationsOf("@bezant/central-bank");

function migrationsOf(name: string): string {
  return join(dirname(fileURLToPath(import.meta.resolve(name))), "..", "migrations");
}

/** A PostgreSQL in this process, with these migrations applied. */
export async function openEngine(migrations: string = PROVIDER): Promise<PGlite> {
  return PGlite.create({ loadDataDir: await dataFolder(migrations) });
}

/** An empty database in an engine of its own. */
export async function openProcessDatabase(migrations: string = PROVIDER): Promise<ProcessDatabase> {
  const engine = await openEngine(migrations);
  return databaseOver(engine, await rowsOf(engine));
}

/** Every table with the rows that the migrations have put there. */
async function rowsOf(engine: PGlite): Promise<readonly Seeded[]> {
  const seeded: Seeded[] = [];
  for (const table of await tablesOf(engine)) {
    const sql = `SELECT json_agg(t)::text AS rows FROM ${table} AS t`;
    const [found] = (await engine.query<{ rows: string | null }>(sql)).rows;
    if (typeof found?.rows === "string") seeded.push({ table, rows: found.rows });
  }
  return seeded;
}

type Seeded = { readonly table: string; readonly rows: string };

async function tablesOf(engine: PGlite): Promise<string[]> {
  const { rows } = await engine.query<{ name: string }>(
    `SELECT quote_ident(tablename) AS name FROM pg_tables
      WHERE schemaname = 'public' AND tablename <> 'schema_migration'`,
  );
  return rows.map(({ name }) => name);
}

/**
 * The driver over an engine, which it has for itself. Nothing is ever fsynced, and a statement takes place while it is sent: no
 * clock, thread or socket has a part in it, so a simulation gives the same in every run.
 */
export function databaseOver(engine: PGlite, seeded: readonly Seeded[] = []): ProcessDatabase {
  const database = openPool({
    url: "postgresql://postgres@in-process/template1",
    maxConnections: 1,
    stream: () => new EngineSocket(engine),
  });
  return {
    database,
    clear: async () => {
      const tables = await tablesOf(engine);
      await engine.exec(`BEGIN READ WRITE; TRUNCATE ${tables.join()} CASCADE`);
      for (const { table, rows } of seeded) {
        const sql = `INSERT INTO ${table} SELECT * FROM json_populate_recordset(NULL::${table}, $1)`;
        await engine.query(sql, [rows]);
      }
      await engine.exec("COMMIT");
      await engine.exec("CHECKPOINT");
    },
    checkpoint: async () => {
      await engine.exec("CHECKPOINT");
    },
    release: () => database.close(),
    close: async () => {
      await database.close();
      await engine.close();
    },
  };
}

/** What a socket to the server would be. */
class EngineSocket extends Duplex {
  readonly #engine: PGlite;

  constructor(engine: PGlite) {
    super();
    this.#engine = engine;
  }

  connect(): this {
    // An engine has one session for ever; this connection is to find it new.
    for (const sql of ["ROLLBACK", "DEALLOCATE ALL"]) {
      this.#engine.execProtocolRawSync(simpleQuery(sql));
    }
    process.nextTick(() => this.emit("connect"));
    return this;
  }

  setNoDelay(): this {
    return this;
  }

  setKeepAlive(): this {
    return this;
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }

  override _read(): void {
    // What there is to read was pushed when the request was written.
  }

  override _write(chunk: Uint8Array, _: string, done: (error?: Error) => void): void {
    const answer = this.#engine.execProtocolRawSync(new Uint8Array(chunk));
    // The driver expects no answer before it has sent the question.
    if (answer.length > 0) process.nextTick(() => this.push(Buffer.from(answer)));
    done();
  }
}

/** PostgreSQL's message Query: its length, then the text and a zero. */
function simpleQuery(sql: string): Uint8Array {
  const text = new TextEncoder().encode(sql);
  const message = new Uint8Array(text.length + 6);
  message[0] = 0x51;
  new DataView(message.buffer).setUint32(1, text.length + 5);
  message.set(text, 5);
  return message;
}

const CACHE = fileURLToPath(new URL("../../node_modules/.cache", import.meta.url));

/** The data folder of an empty migrated database; initdb takes seconds, so it is kept for the next time. */
async function dataFolder(migrations: string): Promise<Blob> {
  const scripts = readdirSync(migrations)
    .filter((name) => name.endsWith(".sql"))
    .toSorted()
    .map((name) => readFileSync(join(migrations, name), "utf8"));
  const entry = fileURLToPath(import.meta.resolve("@electric-sql/pglite"));
  const manifest = readFileSync(join(dirname(entry), "..", "package.json"), "utf8");
  const key = createHash("sha256")
    .update(JSON.stringify([manifest, scripts]))
    .digest("hex");
  const path = join(CACHE, `pglite-${key.slice(0, 16)}.tar`);
  try {
    return new Blob([readFileSync(path)]);
  } catch {
    const engine = await PGlite.create();
    for (const script of scripts) await engine.exec(script);
    const dump = await engine.dumpDataDir("none");
    await engine.close();
    mkdirSync(CACHE, { recursive: true });
    const draft = `${path}.${process.pid}`;
    writeFileSync(draft, new Uint8Array(await dump.arrayBuffer()));
    renameSync(draft, path);
    return dump;
  }
}
