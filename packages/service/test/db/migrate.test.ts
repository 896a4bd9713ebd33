import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ok } from "@bezant/protocol";
import { beforeEach, describe, expect, test } from "vitest";
import { migrate } from "../../src/db/migrate.ts";
import { withClient } from "../support/client.ts";
import { temporaryFolder } from "../support/folder.ts";
import { createDatabase, useServer } from "../support/server.ts";

const server = useServer();
let url: string;
let folder: string;

beforeEach(async () => {
  url = await createDatabase(server());
  folder = temporaryFolder();
  add("0001_first.sql", "CREATE TABLE first (id integer);");
  add("0002_second.sql", "CREATE TABLE second (id integer); INSERT INTO second VALUES (1);");
});

function add(name: string, sql: string): void {
  writeFileSync(join(folder, name), sql);
}

function tables(): Promise<string[]> {
  return withClient(url, async (client) => {
    const { rows } = await client.query<{ name: string }>(
      "SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' ORDER BY 1",
    );
    return rows.map(({ name }) => name);
  });
}

const all = ["first", "schema_migration", "second"];

describe("migrations", () => {
  test("are applied in order, once each", async () => {
    expect(await migrate(url, folder)).toEqual(ok(["0001_first.sql", "0002_second.sql"]));
    expect(await tables()).toEqual(all);
    expect(await migrate(url, folder)).toEqual(ok([]));
    add("0010_tenth.sql", "DROP TABLE first");
    expect(await migrate(url, folder)).toEqual(ok(["0010_tenth.sql"]));
    expect(await tables()).toEqual(["schema_migration", "second"]);
  });

  test("are applied by one of many servers that start at once", async () => {
    const answers = await Promise.all(Array.from({ length: 8 }, () => migrate(url, folder)));
    const applied = answers.map((answer) => (answer.ok ? answer.value.length : "refused"));
    expect(applied.filter((count) => count !== 0)).toEqual([2]);
    const rows = await withClient(url, (client) => client.query("SELECT FROM second"));
    expect(rows.rowCount).toBe(1);
  });

  test("leave nothing of themselves or their fellows when one fails", async () => {
    add("0003_faulty.sql", "CREATE TABLE third (id integer); SELECT 1 / 0;");
    await expect(migrate(url, folder)).rejects.toThrow("division by zero");
    expect(await tables()).toEqual(["schema_migration"]);
  });

  test("are the same with other line ends", async () => {
    add("0001_first.sql", "CREATE TABLE first (\n  id integer\n);\n");
    await migrate(url, folder);
    add("0001_first.sql", "CREATE TABLE first (\r\n  id integer\r\n);\r\n");
    expect(await migrate(url, folder)).toEqual(ok([]));
  });

  test("must not end the transaction that they run in", async () => {
    add("0003_commits.sql", "COMMIT; BEGIN;");
    await expect(migrate(url, folder)).rejects.toThrow("0003_commits.sql ends the transaction");
  });

  test.each([
    {
      code: "migration-changed",
      why: "one that was applied was edited",
      change: () => add("0002_second.sql", "CREATE TABLE second (id bigint)"),
    },
    {
      code: "migration-changed",
      why: "one that was applied was renamed",
      change: () => {
        rmSync(join(folder, "0001_first.sql"));
        add("0001_other.sql", "CREATE TABLE first (id integer);");
      },
    },
    {
      code: "migration-missing",
      why: "one that was applied is gone",
      change: () => rmSync(join(folder, "0002_second.sql")),
    },
    {
      code: "migration-misnamed",
      why: "two have the same number",
      change: () => add("0002_twin.sql", ""),
    },
    { code: "migration-misnamed", why: "one has no number", change: () => add("more.sql", "") },
    { code: "migration-misnamed", why: "one has number 0", change: () => add("0000_a.sql", "") },
  ])("are refused ($code) when $why, and the database stays as it is", async ({ code, change }) => {
    await migrate(url, folder);
    add("0003_third.sql", "CREATE TABLE third (id integer)");
    change();
    expect(await migrate(url, folder)).toMatchObject({ ok: false, error: { code } });
    expect(await tables()).toEqual(all);
  });

  test("are refused when a new one comes before one that was applied", async () => {
    add("0005_fifth.sql", "");
    await migrate(url, folder);
    add("0004_fourth.sql", "CREATE TABLE fourth (id integer)");
    expect(await migrate(url, folder)).toMatchObject({ error: { code: "migration-out-of-order" } });
    expect(await tables()).toEqual(all);
  });
});
