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
  /** SQL that is no part of what is simulated. */
  readonly exec: (sql: string) => Promise<void>;
  /** Empties every table. */
  readonly clear: () => Promise<void>;
  readonly close: () => Promise<void>;
};

/** The provider's own migrations. */
export const MIGRATIONS = join(
  dirname(fileURLToPath(import.meta.resolve("@bezant/provider"))),
  "..",
  "migrations",
);

/**
 * Opens an empty database with these migrations applied. It never fsyncs, and a statement takes place while it is sent: no
 * clock, thread or socket has a part in it, so a simulation gives the same in every run.
 */
export async function openProcessDatabase(
  migrations: string = MIGRATIONS,
): Promise<ProcessDatabase> {
  const engine = await PGlite.create({ loadDataDir: await dataFolder(migrations) });
  const database = openPool({
    url: "postgresql://postgres@in-process/template1",
    maxConnections: 1,
    stream: () => new EngineSocket(engine),
  });
  return {
    database,
    exec: async (sql) => {
      await engine.exec(sql);
    },
    clear: async () => {
      const { rows } = await engine.query<{ name: string }>(
        `SELECT quote_ident(tablename) AS name FROM pg_tables
          WHERE schemaname = 'public' AND tablename <> 'schema_migration'`,
      );
      await engine.exec(
        `BEGIN READ WRITE; TRUNCATE ${rows.map(({ name }) => name).join()} CASCADE; COMMIT`,
      );
    },
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
