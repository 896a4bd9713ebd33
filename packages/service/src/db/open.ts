import { err, ok, type Result } from "@bezant/protocol";
import { startEmbedded, type EmbeddedError } from "./embedded/index.ts";
import { migrate, type MigrationError } from "./migrate.ts";
import { openPool, type Database } from "./pool.ts";
import { checkServer, type ServerError } from "./server-check.ts";

export type OpenError = EmbeddedError | MigrationError | ServerError;

export interface OpenOptions {
  /** A PostgreSQL 15 or newer of the operator's. */
  readonly databaseUrl?: string | undefined;
  /** Where the embedded PostgreSQL keeps its data, used without a `databaseUrl`. */
  readonly dataDir?: string | undefined;
  /** Connections at most. */
  readonly maxConnections?: number;
  /** The folder of SQL files that make the tables. */
  readonly migrations: string;
}

export interface OpenDatabase extends Database {
  /** Of the server in use, embedded or not. Holds the password, if there is one. */
  readonly url: string;
  /** Closes the connections and stops the server if it is the embedded one. */
  close(): Promise<void>;
}

/** Opens an institution's database, at the latest migration: that of `databaseUrl`, or else the embedded one. */
export async function openDatabase({
  databaseUrl,
  dataDir,
  maxConnections,
  migrations,
}: OpenOptions): Promise<Result<OpenDatabase, OpenError>> {
  const server = await findServer(databaseUrl, dataDir);
  if (!server.ok) return server;
  const { url } = server.value;
  const pool = openPool({ url, ...(maxConnections === undefined ? {} : { maxConnections }) });
  const close = async (): Promise<void> => {
    await pool.close();
    await server.value.stop();
  };
  try {
    const checked = await checkServer(pool);
    const migrated = checked.ok ? await migrate(url, migrations) : checked;
    if (migrated.ok) return ok({ ...pool, url, close });
    await close();
    return migrated;
  } catch (error) {
    await close();
    throw error;
  }
}

interface Server {
  readonly url: string;
  stop(): Promise<void>;
}

async function findServer(
  url: string | undefined,
  dataDir: string | undefined,
): Promise<Result<Server, OpenError>> {
  // An empty variable counts as unset.
  if (url) return ok({ url, stop: () => Promise.resolve() });
  if (!dataDir) {
    const message = "Neither DATABASE_URL nor a data folder for the embedded PostgreSQL is given.";
    return err({ code: "data-folder-unusable", message });
  }
  return startEmbedded(dataDir);
}
