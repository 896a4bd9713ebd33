import { unwrap } from "@bezant/protocol";
import type { Client } from "pg";
import { afterAll, beforeAll } from "vitest";
import { startEmbedded, type EmbeddedPostgres } from "../../src/db/index.ts";
import { withClient } from "./client.ts";
import { temporaryFolder } from "./folder.ts";

/** A real PostgreSQL for the tests of a file. */
export function useServer(): () => EmbeddedPostgres {
  let server: EmbeddedPostgres | undefined;
  beforeAll(async () => {
    server = unwrap(await startEmbedded(temporaryFolder()));
  });
  afterAll(() => server?.stop());
  return () => server!;
}

let databases = 0;

/** An empty database on the server; answers its URL. */
export async function createDatabase({ url }: EmbeddedPostgres): Promise<string> {
  databases += 1;
  const name = `test_${databases}`;
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
