import { unwrap } from "@bezant/protocol";
import { afterAll, beforeAll } from "vitest";
import { createDatabase, useServer } from "@bezant/service/testing";
import { openDatabase, type OpenDatabase } from "../../src/database.ts";

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
