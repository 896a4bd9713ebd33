import { randomBytes } from "node:crypto";
import { connect } from "node:net";
import process from "node:process";
import { text } from "node:stream/consumers";
import { unwrap } from "@bezant/protocol";
import type { Client } from "pg";
import { afterAll, beforeAll } from "vitest";
import { startEmbedded, type EmbeddedPostgres } from "../../src/db/index.ts";
import { withClient } from "./client.ts";
import { temporaryFolder } from "./folder.ts";
import { endAtOnce, SHARED } from "./shared-server.ts";

/** Where to make databases. */
export type Postgres = Pick<EmbeddedPostgres, "url">;

/** The real PostgreSQL of this run of tests, which all files share: each makes databases of its own there. */
export function useServer(): () => Postgres {
  const shared = process.env[SHARED];
  if (shared === undefined) return useOwnServer();
  let server: Postgres | undefined;
  beforeAll(async () => {
    const url = await text(connect(shared));
    if (url === "") throw new Error("PostgreSQL did not start");
    server = { url };
  });
  return () => server!;
}

/** A real PostgreSQL for the tests of a file that changes its settings, or ends what others do there. */
export function useOwnServer(): () => EmbeddedPostgres {
  let server: EmbeddedPostgres | undefined;
  beforeAll(async () => {
    server = unwrap(await startEmbedded(temporaryFolder()));
  });
  afterAll(() => server && endAtOnce(server));
  return () => server!;
}

/** An empty database on the server; answers its URL. */
export async function createDatabase({ url }: Postgres): Promise<string> {
  const name = `test_${randomBytes(8).toString("hex")}`;
  await asSuperuser(url, `CREATE DATABASE ${name} OWNER bezant`);
  const created = new URL(url);
  created.pathname = name;
  return created.href;
}

/** Runs statements as nobody but an operator can. */
export function asSuperuser(url: string, ...statements: string[]): Promise<void> {
  return withSuperuser(url, async (client) => {
    for (const statement of statements) await client.query(statement);
  });
}

export function withSuperuser<T>(url: string, use: (client: Client) => Promise<T>): Promise<T> {
  const privileged = new URL(url);
  privileged.username = "postgres";
  return withClient(privileged.href, use);
}
