import { unwrap } from "@bezant/protocol";
import { afterAll, beforeAll } from "vitest";
import { openDatabase, type OpenDatabase } from "../../src/db/index.ts";
import { createDatabase, useServer } from "./server.ts";

/** The provider's database at its latest migration, on a real PostgreSQL, for the tests of a file. */
export function useDatabase(): () => OpenDatabase {
  const server = useServer();
  let database: OpenDatabase | undefined;
  beforeAll(async () => {
    database = unwrap(await openDatabase({ databaseUrl: await createDatabase(server()) }));
  });
  afterAll(() => database?.close());
  return () => database!;
}
