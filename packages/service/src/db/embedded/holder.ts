import { setTimeout as sleep } from "node:timers/promises";
import { ok, type Result } from "@bezant/protocol";
import pg from "pg";
import { SUPERUSER } from "./cluster.ts";
import { reason, refuse, type EmbeddedError } from "./error.ts";
import type { Postmaster } from "./postmaster.ts";

/** The provider's role and database. */
export const DATABASE = "bezant";

/** A role that admits one session at a time: the session is the lock on the data folder, and dies with us. */
const HOLDER = "bezant_holder";

/** Lets a session of a process that has just died disappear. */
const ATTEMPTS = 10;
const RETRY_AFTER_MS = 100;

const DUPLICATE_OBJECT = "42710";
const DUPLICATE_DATABASE = "42P04";
const UNIQUE_VIOLATION = "23505";
const TOO_MANY_CONNECTIONS = "53300";

export interface Hold {
  release(): Promise<void>;
}

/**
 * Makes this process the only one that serves from the cluster, and makes what the provider needs in it. A second process
 * would have the server stopped under its feet by the first.
 */
export async function holdCluster(postmaster: Postmaster): Promise<Result<Hold, EmbeddedError>> {
  let hold: Result<Hold, EmbeddedError> | undefined;
  try {
    await ensure(postmaster, [role(HOLDER, "CONNECTION LIMIT 1")]);
    hold = await takeHold(postmaster);
    if (hold.ok) await ensure(postmaster, [role(DATABASE, ""), database(DATABASE)]);
    return hold;
  } catch (error) {
    if (hold?.ok === true) await hold.value.release();
    return refuse("start-failed", `PostgreSQL started but cannot be prepared: ${reason(error)}`);
  }
}

async function takeHold(postmaster: Postmaster): Promise<Result<Hold, EmbeddedError>> {
  for (let attempt = 1; ; attempt += 1) {
    const client = session(postmaster, HOLDER);
    try {
      await client.connect();
      // The server's death ends this session; that is for whoever uses the database to notice.
      client.on("error", () => undefined);
      return ok({ release: () => client.end() });
    } catch (error) {
      if (!isSqlState(error, [TOO_MANY_CONNECTIONS])) throw error;
      if (attempt === ATTEMPTS) {
        return refuse(
          "data-folder-in-use",
          "Another process serves from this data folder. Stop it, or give DATABASE_URL its database.",
        );
      }
      await sleep(RETRY_AFTER_MS);
    }
  }
}

interface Thing {
  readonly exists: string;
  readonly create: string;
}

function role(name: string, options: string): Thing {
  return {
    exists: `SELECT FROM pg_roles WHERE rolname = '${name}'`,
    create: `CREATE ROLE ${name} LOGIN ${options}`,
  };
}

function database(name: string): Thing {
  return {
    exists: `SELECT FROM pg_database WHERE datname = '${name}'`,
    create: `CREATE DATABASE ${name} OWNER ${name}`,
  };
}

async function ensure(postmaster: Postmaster, things: Thing[]): Promise<void> {
  const client = session(postmaster, SUPERUSER);
  await client.connect();
  try {
    for (const { exists, create } of things) {
      if ((await client.query(exists)).rowCount === 0) await createUnlessThere(client, create);
    }
  } finally {
    await client.end();
  }
}

/** Another process may prepare the same cluster at this moment. */
async function createUnlessThere(client: pg.Client, create: string): Promise<void> {
  try {
    await client.query(create);
  } catch (error) {
    if (!isSqlState(error, [DUPLICATE_OBJECT, DUPLICATE_DATABASE, UNIQUE_VIOLATION])) throw error;
  }
}

function session({ socketFolder, port }: Postmaster, user: string): pg.Client {
  return new pg.Client({ host: socketFolder, port, user, database: "postgres" });
}

function isSqlState(error: unknown, codes: string[]): boolean {
  return (
    error instanceof pg.DatabaseError && error.code !== undefined && codes.includes(error.code)
  );
}
