import { err, ok, unwrap, type Result } from "@bezant/protocol";
import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { isSqlState, startEmbedded, type Database, type Transaction } from "../../src/db/index.ts";
import { openPool } from "../../src/db/pool.ts";
import { withClient } from "../support/client.ts";
import { temporaryFolder } from "../support/folder.ts";
import { useOwnServer } from "../support/server.ts";

const server = useOwnServer();
let database: Database;

beforeAll(() => {
  database = openPool({ url: server().url });
});
afterAll(() => database.close());
beforeEach(() =>
  withClient(server().url, (client) =>
    client.query(`
      DROP TABLE IF EXISTS account;
      CREATE TABLE account (
        id integer PRIMARY KEY,
        balance numeric(20,0) NOT NULL CHECK (balance BETWEEN 0 AND 18446744073709551615)
      );
      INSERT INTO account VALUES (1, 100), (2, 100)`),
  ),
);

async function balances(): Promise<bigint[]> {
  const read = await database.query<{ balance: bigint }>("SELECT balance FROM account ORDER BY id");
  return unwrap(read).rows.map(({ balance }) => balance);
}

async function add(transaction: Transaction, id: number, amount: bigint): Promise<void> {
  await transaction.query("UPDATE account SET balance = balance + $2 WHERE id = $1", [id, amount]);
}

/** Ends the session of the transaction from outside, as an operator or a failover does. */
async function terminate(transaction: Transaction): Promise<void> {
  const { rows } = await transaction.query<{ pid: number }>("SELECT pg_backend_pid() AS pid");
  await withClient(server().url, (client) =>
    client.query("SELECT pg_terminate_backend($1, 5000)", [rows[0]?.pid]),
  );
}

describe("values", () => {
  test("between 0 and 2^64-1 pass through numeric(20,0) unchanged, alone and in arrays", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })), async (values) => {
        const read = await database.query(
          "SELECT $1::numeric(20,0)[] AS list, (SELECT sum(x) FROM unnest($1::numeric(20,0)[]) x) AS sum",
          [values],
        );
        const sum = values.length === 0 ? null : values.reduce((a, b) => a + b);
        expect(unwrap(read).rows).toEqual([{ list: values, sum }]);
      }),
      { numRuns: 50 },
    );
  });

  test("of int8 and counts are bigint, NULL stays null", async () => {
    const read = await database.query(
      `SELECT 9223372036854775807::int8 AS top, count(*) AS count, NULL::int8 AS nothing,
              ARRAY[[1, NULL], [3, 4]]::int8[] AS list, $1::int8 AS parameter
         FROM account`,
      [-5n],
    );
    expect(unwrap(read).rows).toEqual([
      {
        top: 2n ** 63n - 1n,
        count: 2n,
        nothing: null,
        list: [
          [1n, null],
          [3n, 4n],
        ],
        parameter: -5n,
      },
    ]);
  });

  test("with decimals are refused, not rounded", async () => {
    await expect(database.query("SELECT 1.5 AS half")).rejects.toThrow(SyntaxError);
    expect(await balances()).toEqual([100n, 100n]);
  });

  test("outside of an amount are refused by the column's CHECK", async () => {
    for (const wrong of ["-1", String(2n ** 64n), "NaN"]) {
      const answer = database.transaction(async (transaction) => {
        await transaction.query("UPDATE account SET balance = $1 WHERE id = 1", [wrong]);
        return ok(undefined);
      });
      await expect(answer).rejects.toSatisfy((error) => isSqlState(error, "23514"));
    }
    expect(await balances()).toEqual([100n, 100n]);
  });
});

describe("a single statement", () => {
  test("cannot write", async () => {
    const write = database.query("UPDATE account SET balance = 0");
    await expect(write).rejects.toSatisfy((error) => isSqlState(error, "25006"));
    expect(await balances()).toEqual([100n, 100n]);
  });

  test("is prepared once where it has a name", async () => {
    const statement = { name: "one-account", text: "SELECT balance FROM account WHERE id = $1" };
    for (const id of [1, 2]) {
      expect(unwrap(await database.query(statement, [id]))).toEqual({
        rows: [{ balance: 100n }],
        count: 1,
      });
    }
  });
});

describe("a statement that takes too long", () => {
  test("is given up by the server, and nothing is written", async () => {
    const impatient = openPool({ url: server().url, statementTimeoutMs: 200 });
    const slow = await impatient.transaction(async (transaction) => {
      await add(transaction, 1, 1n);
      await transaction.query("SELECT pg_sleep(60)");
      return ok(undefined);
    });
    expect(slow).toMatchObject(err({ code: "database-unavailable" }));
    const held = await database.transaction(async (transaction) => {
      await add(transaction, 1, 0n);
      return ok(
        await impatient.transaction(async (second) => {
          await add(second, 1, 1n);
          return ok(undefined);
        }),
      );
    });
    expect(held).toMatchObject(ok(err({ code: "database-contention" })));
    expect(await balances()).toEqual([100n, 100n]);
    await impatient.close();
  });
});

describe("a transaction", () => {
  test("commits where the work answers ok", async () => {
    const answer = await database.transaction(async (transaction) => {
      await add(transaction, 1, -30n);
      await add(transaction, 2, 30n);
      return ok("moved");
    });
    expect(answer).toEqual(ok("moved"));
    expect(await balances()).toEqual([70n, 130n]);
  });

  test("rolls back where the work answers an error or throws", async () => {
    const refused = await database.transaction(async (transaction) => {
      await add(transaction, 1, 1n);
      return err("refused");
    });
    expect(refused).toEqual(err("refused"));
    const broken = database.transaction(async (transaction): Promise<Result<never, never>> => {
      await add(transaction, 1, 1n);
      throw new Error("a bug");
    });
    await expect(broken).rejects.toThrow("a bug");
    expect(await balances()).toEqual([100n, 100n]);
  });

  test("lets the work turn an expected refusal of the database into its answer", async () => {
    const answer = await database.transaction(async (transaction) => {
      try {
        await add(transaction, 1, -101n);
        return ok(undefined);
      } catch (error) {
        if (isSqlState(error, "23514")) return err("insufficient-funds");
        throw error;
      }
    });
    expect(answer).toEqual(err("insufficient-funds"));
    expect(await balances()).toEqual([100n, 100n]);
  });

  test("does not pass for committed when the work ignores a refused statement", async () => {
    const answer = database.transaction(async (transaction) => {
      await add(transaction, 1, 1n);
      await transaction.query("SELECT 1 / 0").catch(() => undefined);
      return ok(undefined);
    });
    await expect(answer).rejects.toThrow("rolled back");
    expect(await balances()).toEqual([100n, 100n]);
  });

  test("takes no statement once it is over", async () => {
    let leaked: Transaction | undefined;
    await database.transaction((transaction) => {
      leaked = transaction;
      return Promise.resolve(ok(undefined));
    });
    expect(() => leaked?.query("SELECT 1")).toThrow("over");
  });

  test("is repeated after a deadlock, so that both sides go through", async () => {
    let attempts = 0;
    let holding = 0;
    const bothHoldOne = Promise.withResolvers<void>();
    const move = (from: number, to: number) =>
      database.transaction(async (transaction) => {
        attempts += 1;
        // The one that is repeated waits for the other, or the two could meet again.
        if (attempts > 2) await Promise.race(moves);
        await add(transaction, from, -10n);
        holding += 1;
        if (holding === 2) bothHoldOne.resolve();
        await bothHoldOne.promise;
        await add(transaction, to, 10n);
        return ok(undefined);
      });
    const moves = [move(1, 2), move(2, 1)];
    expect(await Promise.all(moves)).toEqual([ok(undefined), ok(undefined)]);
    expect(attempts).toBe(3);
    expect(await balances()).toEqual([100n, 100n]);
  });

  test.each(["40001", "40P01"])("gives up after four conflicts (%s) in a row", async (code) => {
    let attempts = 0;
    const answer = await database.transaction(async (transaction) => {
      attempts += 1;
      await add(transaction, 1, 1n);
      await transaction.query(`DO $$ BEGIN RAISE 'conflict' USING ERRCODE = '${code}'; END $$`);
      return ok(undefined);
    });
    expect(answer).toMatchObject(err({ code: "database-contention" }));
    expect(attempts).toBe(4);
    expect(await balances()).toEqual([100n, 100n]);
  });

  test("is repeated on another connection when its own is lost before COMMIT", async () => {
    let attempts = 0;
    const answer = await database.transaction(async (transaction) => {
      attempts += 1;
      await add(transaction, 1, 5n);
      if (attempts === 1) await terminate(transaction);
      await add(transaction, 2, -5n);
      return ok(undefined);
    });
    expect(answer).toEqual(ok(undefined));
    expect(attempts).toBe(2);
    expect(await balances()).toEqual([105n, 95n]);
  });

  test("fails as unavailable when every connection is lost before COMMIT", async () => {
    const answer = await database.transaction(async (transaction) => {
      await add(transaction, 1, 5n);
      await terminate(transaction);
      await add(transaction, 2, -5n);
      return ok(undefined);
    });
    expect(answer).toMatchObject(err({ code: "database-unavailable" }));
    expect(await balances()).toEqual([100n, 100n]);
  });

  test("never interleaves with those of another pool on the same row", async () => {
    const second = openPool({ url: server().url, maxConnections: 3 });
    const increment = (pool: Database) =>
      pool.transaction(async (transaction) => {
        const { rows } = await transaction.query<{ balance: bigint }>(
          "SELECT balance FROM account WHERE id = 1 FOR UPDATE",
        );
        await transaction.query("UPDATE account SET balance = $1 WHERE id = 1", [
          rows[0]!.balance + 1n,
        ]);
        return ok(undefined);
      });
    const all = Array.from({ length: 60 }, (_, n) => increment(n % 2 === 0 ? database : second));
    for (const answer of await Promise.all(all)) expect(answer).toEqual(ok(undefined));
    expect(await balances()).toEqual([160n, 100n]);
    await second.close();
  });
});

test("a pool finds the server again after a crash, and says so while it is away", async () => {
  const dataDir = temporaryFolder();
  const before = unwrap(await startEmbedded(dataDir));
  const pool = openPool({ url: before.url });
  const write = () =>
    pool.transaction(async (transaction) => {
      await transaction.query("CREATE TABLE IF NOT EXISTS mark (at integer)");
      return ok(undefined);
    });
  expect(await write()).toEqual(ok(undefined));
  await before.kill();
  expect(await write()).toMatchObject(err({ code: "database-unavailable" }));
  expect(await pool.query("SELECT 1")).toMatchObject(err({ code: "database-unavailable" }));
  const after = unwrap(await startEmbedded(dataDir));
  expect(await write()).toEqual(ok(undefined));
  expect((await pool.query("SELECT * FROM mark")).ok).toBe(true);
  await pool.close();
  await after.stop();
});
