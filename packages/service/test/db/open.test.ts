import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { unwrap } from "@bezant/protocol";
import { describe, expect, test } from "vitest";
import { openDatabase as open, type OpenOptions } from "../../src/db/index.ts";
import { judge } from "../../src/db/server-check.ts";
import { temporaryFolder } from "../support/folder.ts";
import { asSuperuser, createDatabase, useServer } from "../support/server.ts";

const server = useServer();

/** With no migrations unless told. */
const openDatabase = (options: Partial<OpenOptions>) =>
  open({ migrations: temporaryFolder(), ...options });

describe("an institution's database", () => {
  test("is the embedded one by default, which stops when it is closed", async () => {
    const dataDir = temporaryFolder();
    const database = unwrap(await openDatabase({ dataDir, databaseUrl: "" }));
    const read = await database.query("SELECT version FROM schema_migration");
    expect(read.ok).toBe(true);
    expect(existsSync(join(dataDir, "cluster", "postmaster.pid"))).toBe(true);
    await database.close();
    expect(existsSync(join(dataDir, "cluster", "postmaster.pid"))).toBe(false);
  });

  test("is that of DATABASE_URL where there is one, which keeps running", async () => {
    const databaseUrl = await createDatabase(server());
    const dataDir = join(temporaryFolder(), "unused");
    for (let round = 0; round < 2; round += 1) {
      const database = unwrap(await openDatabase({ databaseUrl, dataDir }));
      expect(database.url).toBe(databaseUrl);
      expect((await database.query("SELECT FROM schema_migration")).ok).toBe(true);
      await database.close();
    }
    expect(existsSync(dataDir)).toBe(false);
  });

  test("needs one of both", async () => {
    expect(await openDatabase({})).toMatchObject({ error: { code: "data-folder-unusable" } });
  });

  test("is refused with wrong migrations, and the embedded server stops again", async () => {
    const dataDir = temporaryFolder();
    const migrations = temporaryFolder();
    writeFileSync(join(migrations, "first.sql"), "");
    expect(await openDatabase({ dataDir, migrations })).toMatchObject({
      error: { code: "migration-misnamed" },
    });
    expect(existsSync(join(dataDir, "cluster", "PG_VERSION"))).toBe(true);
    expect(existsSync(join(dataDir, "cluster", "postmaster.pid"))).toBe(false);
  });

  test("is refused where nobody answers", async () => {
    const databaseUrl = `postgresql://bezant@localhost/bezant?host=${temporaryFolder()}`;
    expect(await openDatabase({ databaseUrl })).toMatchObject({
      error: { code: "server-unreachable" },
    });
  });

  test("is refused where commits are not durable", async () => {
    const databaseUrl = await createDatabase(server());
    const name = new URL(databaseUrl).pathname.slice(1);
    await asSuperuser(databaseUrl, `ALTER DATABASE ${name} SET synchronous_commit = off`);
    expect(await openDatabase({ databaseUrl })).toMatchObject({
      error: { code: "server-not-durable" },
    });
    await asSuperuser(databaseUrl, `ALTER DATABASE ${name} SET synchronous_commit = remote_apply`);
    const database = unwrap(await openDatabase({ databaseUrl }));
    await database.close();
  });

  test("is judged by what the server says about itself", () => {
    const good = {
      version: 150_000,
      standby: false,
      fsync: "on",
      synchronous: "on",
      encoding: "UTF8",
    };
    const code = (change: Partial<typeof good>): string => {
      const judged = judge({ ...good, ...change });
      return judged.ok ? "accepted" : judged.error.code;
    };
    expect(code({})).toBe("accepted");
    expect(code({ version: 180_004 })).toBe("accepted");
    expect(code({ version: 140_022 })).toBe("server-too-old");
    expect(code({ standby: true })).toBe("server-read-only");
    expect(code({ fsync: "off" })).toBe("server-not-durable");
    expect(code({ encoding: "SQL_ASCII" })).toBe("server-encoding");
  });
});
