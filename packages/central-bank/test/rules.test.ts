import { join } from "node:path";
import { withClient } from "@bezant/service/testing";
import { checkCatalog, checkSources, readSchema } from "@bezant/service/testing/rules";
import { expect, test } from "vitest";
import { useDatabases } from "./support/database.ts";

const newDatabase = useDatabases();

test("the schema is all on one node, and keeps the rules of every ledger", async () => {
  const { url } = await newDatabase();
  expect(await withClient(url, checkCatalog)).toEqual([]);
  const schema = await withClient(url, readSchema);
  expect(new Set([...schema.tables.values()].map(({ kind }) => kind))).toEqual(new Set(["local"]));
  // Its own statements, and those on its tables that all servers share.
  for (const sources of ["../src", "../../service/src/institutions"]) {
    const { findings, statements } = checkSources(join(import.meta.dirname, sources), schema);
    expect(findings).toEqual([]);
    expect(statements).toBeGreaterThan(0);
  }
});
