import { join } from "node:path";
import { expect, test } from "vitest";
import { withClient } from "@bezant/service/testing";
import { useDatabase } from "./support/database.ts";
import { checkCatalog, checkSources, readSchema } from "@bezant/service/testing/rules";

const database = useDatabase();

test("the schema is ready for Citus", async () => {
  expect(await withClient(database().url, checkCatalog)).toEqual([]);
});

test("a table that is not spread by client_id is a decision, not an accident", async () => {
  const { tables } = await withClient(database().url, readSchema);
  const others = [...tables].filter(
    ([, table]) => table.kind !== "distributed" || table.by !== "client_id",
  );
  expect(Object.fromEntries(others)).toEqual({
    // Whatever must be unique over all clients is a key of its own.
    ta_directory: { kind: "distributed", by: "ta_id" },
    device_directory: { kind: "distributed", by: "device_id" },
    status_directory: { kind: "distributed", by: "status_index" },
    reported_certificates: { kind: "distributed", by: "digest" },
    // What belongs to all clients together, in parts.
    shares: { kind: "distributed", by: "share" },
    // Who is revoked is asked at every claim, on every node, and changes rarely.
    status_lists: { kind: "reference" },
    status_chunks: { kind: "reference" },
    revoked_keys: { kind: "reference" },
    institution_lists: { kind: "reference" },
    provider_entries: { kind: "reference" },
    // One writer at a time: settlement.
    reports: { kind: "local" },
    restores: { kind: "local" },
    take_ups: { kind: "local" },
    write_off_orders: { kind: "local" },
    house_transfers: { kind: "local" },
    central_bank_words: { kind: "local" },
    advices: { kind: "local" },
    schema_migration: { kind: "local" },
  });
});

test("every statement stays on the nodes of its clients, and can be repeated", async () => {
  const schema = await withClient(database().url, readSchema);
  // Its own statements, and those on its tables that all servers share.
  for (const sources of ["../src", "../../service/src/institutions"]) {
    const { findings, statements } = checkSources(join(import.meta.dirname, sources), schema);
    expect(findings).toEqual([]);
    expect(statements).toBeGreaterThan(0);
  }
});
