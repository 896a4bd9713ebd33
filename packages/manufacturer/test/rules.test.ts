import { join } from "node:path";
import { expect, test } from "vitest";
import { withClient } from "@bezant/service/testing";
import { checkCatalog, checkSources, readSchema } from "@bezant/service/testing/rules";
import { useWorld } from "./support/world.ts";

const world = useWorld();

test("the schema and every statement keep to the rules of tables and statements", async () => {
  const { url } = world();
  expect(await withClient(url, checkCatalog)).toEqual([]);
  const schema = await withClient(url, readSchema);
  const { findings, statements } = checkSources(join(import.meta.dirname, "..", "src"), schema);
  expect(findings).toEqual([]);
  expect(statements).toBeGreaterThan(0);
});
