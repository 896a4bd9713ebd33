import { readFileSync } from "node:fs";
import { join } from "node:path";
import pg from "pg";
import { VICTIMS, type Victim } from "./killer.ts";
import { backendsOf, type ServerProcess } from "./processes.ts";
import type { SeparateServer } from "./separate-server.ts";

/** A database of the provider's, and what may be done to it. */
export type Database = {
  /** For DATABASE_URL; absent: the provider brings its own. */
  readonly givenUrl?: string;
  /** For whoever reads the books. */
  readonly url: () => string;
  readonly postmaster: () => number;
  readonly backends: () => readonly ServerProcess[] | Promise<readonly ServerProcess[]>;
  readonly victims: readonly Victim[];
  /** Starts what was killed; the embedded one is the provider's to start. */
  readonly restart: () => Promise<void>;
  readonly close: () => Promise<void>;
};

/** The PostgreSQL that the provider brings and supervises itself. */
export function embedded(dataDir: string): Database {
  const file = join(dataDir, "db", "cluster", "postmaster.pid");
  const line = (n: number): string => readFileSync(file, "utf8").split("\n")[n] ?? "";
  const postmaster = (): number => Number(line(0));
  const nothing = (): Promise<void> => Promise.resolve();
  return {
    url: () => `postgresql://bezant@localhost:5432/bezant?host=${encodeURIComponent(line(4))}`,
    postmaster,
    backends: () => backendsOf(postmaster(), "bezant"),
    victims: VICTIMS,
    restart: nothing,
    close: nothing,
  };
}

/** A server of its own, which this run may kill. */
export function separate(server: SeparateServer): Database {
  return {
    givenUrl: server.url,
    url: () => server.url,
    postmaster: server.postmaster,
    backends: () => backendsOf(server.postmaster(), "bezant"),
    victims: VICTIMS,
    restart: server.start,
    close: server.stop,
  };
}

/** Somebody's server, which is not killed: an empty database on it. */
export async function foreign(url: string): Promise<Database> {
  const ask = async <R extends pg.QueryResultRow>(text: string): Promise<R[]> => {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    try {
      return (await client.query<R>(text)).rows;
    } finally {
      await client.end();
    }
  };
  const tables = await ask("SELECT FROM pg_tables WHERE schemaname = 'public'");
  if (tables.length > 0) throw new Error("the database must be empty: this run fills it");
  const nothing = (): Promise<void> => Promise.resolve();
  return {
    givenUrl: url,
    url: () => url,
    postmaster: () => 0,
    backends: () =>
      ask<ServerProcess>(`SELECT pid, application_name || CASE
          WHEN backend_xid IS NULL THEN ' idle'
          WHEN state = 'active' AND query LIKE 'COMMIT%' THEN ' COMMIT'
          ELSE ' idle in transaction' END AS title
        FROM pg_stat_activity WHERE usename = current_user AND pid <> pg_backend_pid()`),
    victims: ["provider"],
    restart: nothing,
    close: nothing,
  };
}
