// What the provider needs of its database, and the simulation's in-process PostgreSQL has to do as the real one does.
import { mkdtempSync, rmSync, chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { err, ok, unwrap } from "@bezant/protocol";
import { isSqlState, openDatabase, type Database } from "@bezant/service/db";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BankCrash, FaultyDatabase } from "../src/simulation/database.ts";
import { openProcessDatabase } from "../src/simulation/pglite.ts";

const MIGRATION = `
  CREATE TABLE parent (id bigint PRIMARY KEY);
  CREATE TABLE money (
    id bytea PRIMARY KEY,
    amount numeric(39, 0) NOT NULL CHECK (amount >= 0),
    parent bigint REFERENCES parent DEFERRABLE INITIALLY DEFERRED
  )`;

const folder = mkdtempSync(join(tmpdir(), "bezant-db-"));
const migrations = join(folder, "migrations");

beforeAll(() => {
  chmodSync(folder, 0o755);
  mkdirSync(migrations);
  writeFileSync(join(migrations, "0001_money.sql"), MIGRATION);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const KINDS = {
  "the embedded PostgreSQL": async () => {
    const opened = unwrap(await openDatabase({ dataDir: join(folder, "data"), migrations }));
    return { database: opened, close: () => opened.close() };
  },
  "PostgreSQL in the process": async () => {
    const { database, close } = await openProcessDatabase(migrations);
    return { database, close };
  },
} as const;

describe.each(Object.entries(KINDS))("%s", (_, open) => {
  let db: Database;
  let close: () => Promise<void>;
  beforeAll(async () => {
    ({ database: db, close } = await open());
  });
  afterAll(() => close());

  const insert = (id: number, amount: bigint, parent: number | null = null) =>
    db.transaction(async (transaction) => {
      const text = "INSERT INTO money VALUES ($1, $2, $3)";
      await transaction.query({ name: "insert", text }, [Uint8Array.of(id), amount, parent]);
      return ok(undefined);
    });
  const find = async (id: number): Promise<unknown[]> => {
    const text = "SELECT id, amount, parent FROM money WHERE id = $1";
    return unwrap(await db.query({ name: "find", text }, [Uint8Array.of(id)])).rows;
  };

  it("gives back integers of any size and bytes as they were", async () => {
    const amount = 340_282_366_920_938_463_463_374_607_431_768_211_455n;
    expect(await insert(1, amount)).toEqual(ok(undefined));
    expect(await find(1)).toEqual([{ id: Buffer.from([1]), amount, parent: null }]);
  });

  it("takes arrays of bytes and of integers", async () => {
    await insert(2, 2n);
    await insert(3, 3n);
    const text = `SELECT encode(t.id, 'hex') AS id, t.more + money.amount AS sum
      FROM unnest($1::bytea[], $2::numeric[]) AS t (id, more)
      JOIN money ON money.id = t.id ORDER BY t.id`;
    const values = [
      [Buffer.from([2]), Buffer.from([3])],
      [10n, 20n],
    ];
    expect(unwrap(await db.query(text, values)).rows).toEqual([
      { id: "02", sum: 12n },
      { id: "03", sum: 23n },
    ]);
  });

  it("keeps nothing of work that answers an error or throws", async () => {
    const work = (end: () => unknown) =>
      db.transaction(async (transaction) => {
        await transaction.query("INSERT INTO money VALUES ($1, 4)", [Uint8Array.of(4)]);
        return err(end());
      });
    expect(await work(() => "no")).toEqual(err("no"));
    const bug = work(() => {
      throw new Error("a bug");
    });
    await expect(bug).rejects.toThrow("a bug");
    expect(await find(4)).toEqual([]);
  });

  it("refuses a second row of one key by SQLSTATE, and goes on", async () => {
    await insert(5, 5n);
    await expect(insert(5, 6n)).rejects.toSatisfy((error) => isSqlState(error, "23505"));
    expect(await find(5)).toMatchObject([{ amount: 5n }]);
  });

  it("refuses what a CHECK forbids", async () => {
    await expect(insert(6, -1n)).rejects.toSatisfy((error) => isSqlState(error, "23514"));
  });

  it("refuses at COMMIT what a deferred constraint forbids", async () => {
    await expect(insert(7, 7n, 99)).rejects.toSatisfy((error) => isSqlState(error, "23503"));
    expect(await find(7)).toEqual([]);
  });

  it("counts rows, also those that ON CONFLICT left out", async () => {
    const text = "INSERT INTO money VALUES ($1, 8) ON CONFLICT DO NOTHING";
    const add = () =>
      db.transaction(async (transaction) => {
        const { count } = await transaction.query(text, [Uint8Array.of(8)]);
        return ok(count);
      });
    expect([await add(), await add()]).toEqual([ok(1), ok(0)]);
  });

  it("refuses to write outside of a transaction", async () => {
    const writing = db.query("DELETE FROM money");
    await expect(writing).rejects.toSatisfy((error) => isSqlState(error, "25006"));
  });

  it("runs transactions that overlap to their ends, each by itself", async () => {
    await insert(9, 0n);
    const add = () =>
      db.transaction(async (transaction) => {
        const text = "SELECT amount FROM money WHERE id = $1 FOR UPDATE";
        const { rows } = await transaction.query<{ amount: bigint }>(text, [Uint8Array.of(9)]);
        const next = (rows[0]?.amount ?? 0n) + 1n;
        const update = "UPDATE money SET amount = $2 WHERE id = $1";
        await transaction.query(update, [Uint8Array.of(9), next]);
        return ok(undefined);
      });
    await Promise.all(Array.from({ length: 8 }, add));
    expect(await find(9)).toMatchObject([{ amount: 8n }]);
  });

  it.each([
    ["crash-within", "crash", 0],
    ["crash-before-commit", "crash", 0],
    ["crash-after-commit", "crash", 1],
    ["unknown-undone", "commit-unknown", 0],
    ["unknown-done", "commit-unknown", 1],
    ["unavailable", "database-unavailable", 0],
  ] as const)("a planned %s leaves what it says", async (fault, said, rows) => {
    const id =
      20 +
      [
        "crash-within",
        "crash-before-commit",
        "crash-after-commit",
        "unknown-undone",
        "unknown-done",
        "unavailable",
      ].indexOf(fault);
    const faulty = new FaultyDatabase(db);
    faulty.plan(fault, 0);
    const done = faulty
      .transaction(async (transaction) => {
        for (let i = 0; i < 3; i++) await transaction.query("SELECT 1");
        await transaction.query("INSERT INTO money VALUES ($1, 1)", [Uint8Array.of(id)]);
        return ok(undefined);
      })
      .catch((error: unknown) => {
        if (error instanceof BankCrash) return err({ code: "crash" });
        throw error;
      });
    expect(await done).toMatchObject(err({ code: said }));
    expect(await find(id)).toHaveLength(rows);
    // The next one is as any other.
    expect(await faulty.transaction(async () => Promise.resolve(ok(1)))).toEqual(ok(1));
  });
});
