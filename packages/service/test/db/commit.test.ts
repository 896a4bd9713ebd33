import { err, ok, unwrap } from "@bezant/protocol";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { isSqlState, type Database } from "../../src/db/index.ts";
import { openPool } from "../../src/db/pool.ts";
import { withClient } from "../support/client.ts";
import { startProxy, type Proxy } from "../support/proxy.ts";
import { asSuperuser, useOwnServer } from "../support/server.ts";

const server = useOwnServer();
let proxy: Proxy;
let database: Database;

beforeAll(async () => {
  proxy = await startProxy(server().url);
  database = openPool({ url: proxy.url });
  await withClient(server().url, (client) =>
    client.query(`
      CREATE TABLE claim (id integer PRIMARY KEY);
      CREATE TABLE parent (id integer PRIMARY KEY);
      CREATE TABLE child (id integer REFERENCES parent DEFERRABLE INITIALLY DEFERRED)`),
  );
});
afterAll(() => database.close());

/** The operation as the provider does it: once per id, however often it is tried. */
function claim(id: number) {
  return database.transaction(async (transaction) => {
    const { count } = await transaction.query(
      "INSERT INTO claim VALUES ($1) ON CONFLICT DO NOTHING",
      [id],
    );
    return ok(count === 1 ? "credited" : "repeated");
  });
}

async function claims(id: number): Promise<number> {
  const found = await database.query("SELECT FROM claim WHERE id = $1", [id]);
  return unwrap(found).count;
}

describe("a COMMIT is unknown", () => {
  test.each([
    { fault: "lose-request", stored: 0, retry: "credited" },
    { fault: "lose-answer", stored: 1, retry: "repeated" },
  ] as const)("when the connection breaks ($fault), and a retry settles it", async (row) => {
    const id = row.stored + 1;
    proxy.fault = row.fault;
    expect(await claim(id)).toMatchObject(err({ code: "commit-unknown" }));
    proxy.fault = "none";
    expect(await claims(id)).toBe(row.stored);
    expect(await claim(id)).toEqual(ok(row.retry));
    expect(await claims(id)).toBe(1);
  });

  /** The session whose COMMIT waits for a standby, as soon as there is one; undefined once the work is done. */
  const findWaiting = (isDone: () => boolean): Promise<number | undefined> =>
    withClient(server().url, async (client) => {
      while (!isDone()) {
        const { rows } = await client.query<{ pid: number }>(
          "SELECT pid FROM pg_stat_activity WHERE wait_event = 'SyncRep'",
        );
        if (rows[0] !== undefined) return rows[0].pid;
      }
      return undefined;
    });

  /** Claims until the server has taken notice of its new settings; answers the claim that waits. */
  async function claimAndWait(first: number) {
    for (let id = first; ; id += 1) {
      let isDone = false;
      const answer = claim(id).finally(() => (isDone = true));
      const pid = await findWaiting(() => isDone);
      if (pid !== undefined) return { id, answer, pid };
      expect(await answer).toEqual(ok("credited"));
    }
  }

  test.each([
    { how: "pg_cancel_backend", first: 1000 },
    { how: "pg_terminate_backend", first: 2000 },
  ])("when its wait for a standby ends by $how", async ({ how, first }) => {
    const { url } = server();
    await asSuperuser(
      url,
      "ALTER SYSTEM SET synchronous_standby_names = 'absent'",
      "SELECT pg_reload_conf()",
    );
    const { id, answer, pid } = await claimAndWait(first);
    await asSuperuser(url, `SELECT ${how}(${pid})`);
    expect(await answer).toMatchObject(err({ code: "commit-unknown" }));
    // On this node it is committed: success and failure would both have been a lie.
    expect(await claims(id)).toBe(1);
    await asSuperuser(
      url,
      "ALTER SYSTEM RESET synchronous_standby_names",
      "SELECT pg_reload_conf()",
    );
    expect(await claim(id)).toEqual(ok("repeated"));
  });
});

describe("a COMMIT is known to have failed", () => {
  test("when it is refused by a deferred constraint", async () => {
    const answer = database.transaction(async (transaction) => {
      await transaction.query("INSERT INTO child VALUES (1)");
      return ok(undefined);
    });
    await expect(answer).rejects.toSatisfy((error) => isSqlState(error, "23503"));
    expect(unwrap(await database.query("SELECT FROM child")).count).toBe(0);
  });
});

test("a server that falls silent leaves the COMMIT unknown, and its connection is not used again", async () => {
  const impatient = openPool({ url: proxy.url, maxConnections: 1, statementTimeoutMs: 400 });
  const insert = (id: number) =>
    impatient.transaction(async (transaction) => {
      await transaction.query("INSERT INTO claim VALUES ($1)", [id]);
      return ok(undefined);
    });
  proxy.fault = "silence";
  expect(await insert(101)).toMatchObject(err({ code: "commit-unknown" }));
  proxy.fault = "none";
  expect(await insert(102)).toEqual(ok(undefined));
  expect([await claims(101), await claims(102)]).toEqual([1, 1]);
  await impatient.close();
});
