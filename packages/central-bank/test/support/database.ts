import { unwrap } from "@bezant/protocol";
import type { OpenDatabase } from "@bezant/service/db";
import { createDatabase, useServer } from "@bezant/service/testing";
import { afterAll } from "vitest";
import { openDatabase } from "../../src/database.ts";

/** New databases of a central bank at the latest migration, on a real PostgreSQL, for the tests of a file. */
export function useDatabases(): () => Promise<OpenDatabase> {
  const server = useServer();
  const opened: OpenDatabase[] = [];
  afterAll(async () => {
    for (const database of opened) await database.close();
  });
  return async () => {
    const database = unwrap(
      await openDatabase({ databaseUrl: await createDatabase(server()), maxConnections: 6 }),
    );
    opened.push(database);
    return database;
  };
}
