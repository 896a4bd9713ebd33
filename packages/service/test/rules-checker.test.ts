import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { withClient } from "./support/client.ts";
import { temporaryFolder } from "./support/folder.ts";
import {
  checkCatalog,
  checkSources,
  checkStatement,
  readSchema,
  type Schema,
} from "./support/rules/index.ts";
import { asSuperuser, createDatabase, useServer, withSuperuser } from "./support/server.ts";

const server = useServer();

const SOUND = `
  CREATE TABLE currency (code text PRIMARY KEY);
  COMMENT ON TABLE currency IS 'reference: what money there is';
  CREATE TABLE version (number integer PRIMARY KEY);
  COMMENT ON TABLE version IS 'local: one row';
  CREATE TABLE account (
    client_id bytea NOT NULL,
    currency text NOT NULL REFERENCES currency,
    balance numeric(20,0) NOT NULL DEFAULT 0 CHECK (balance BETWEEN 0 AND 18446744073709551615),
    note text NOT NULL DEFAULT lower('NONE'),
    PRIMARY KEY (client_id, currency)
  );
  COMMENT ON TABLE account IS 'distributed by client_id: balances';
  CREATE TABLE entry (
    client_id bytea NOT NULL,
    currency text NOT NULL,
    sequence bigint NOT NULL,
    amount numeric(20,0) NOT NULL CHECK (amount BETWEEN 1 AND 18446744073709551615),
    PRIMARY KEY (client_id, sequence),
    UNIQUE (sequence, client_id, currency),
    FOREIGN KEY (currency, client_id) REFERENCES account (currency, client_id)
  );
  CREATE INDEX by_amount ON entry (amount);
  COMMENT ON TABLE entry IS 'distributed by client_id: movements';
  CREATE TABLE directory (ta_id bytea PRIMARY KEY, client_id bytea NOT NULL);
  COMMENT ON TABLE directory IS 'distributed by ta_id: whose it is';`.replace(
  "PRIMARY KEY (client_id, currency)\n",
  "PRIMARY KEY (client_id, currency), UNIQUE (currency, client_id)\n",
);

/** A distributed table that is sound but for what is added to it. */
const more = (columns: string): string =>
  `CREATE TABLE more (client_id bytea NOT NULL, id bigint NOT NULL, PRIMARY KEY (client_id, id), ${columns});
   COMMENT ON TABLE more IS 'distributed by client_id: planted'`;

let schema: Schema;
let url: string;

beforeAll(async () => {
  url = await createDatabase(server());
  await asSuperuser(url, SOUND);
  schema = await withClient(url, readSchema);
});

function findings(ddl: string): Promise<{ rule: string; where: string }[]> {
  return withSuperuser(url, async (client) => {
    await client.query("BEGIN");
    await client.query(ddl);
    const found = await checkCatalog(client);
    await client.query("ROLLBACK");
    return found.map(({ rule, where }) => ({ rule, where }));
  });
}

describe("the check of the catalog", () => {
  test("finds nothing in a sound schema", async () => {
    expect(await findings(more("other bigint"))).toEqual([]);
  });

  test.each([
    ["placement", "unsaid", "CREATE TABLE unsaid (client_id bytea PRIMARY KEY)"],
    [
      "distribution-column",
      "bare",
      "CREATE TABLE bare (id bytea PRIMARY KEY); COMMENT ON TABLE bare IS 'distributed by client_id: -'",
      "unique-key",
    ],
    [
      "distribution-column",
      "typed",
      "CREATE TABLE typed (client_id text PRIMARY KEY); COMMENT ON TABLE typed IS 'distributed by client_id: -'",
    ],
    ["primary-key", "currency", "ALTER TABLE currency DROP CONSTRAINT currency_pkey CASCADE"],
    ["unique-key", "more", more("code text UNIQUE")],
    [
      "unique-key",
      "account",
      "ALTER TABLE account ADD COLUMN n int; CREATE UNIQUE INDEX ON account (n)",
    ],
    ["unique-key", "account", "CREATE UNIQUE INDEX ON account (note) WHERE note <> ''"],
    ["unique-key", "account", "CREATE UNIQUE INDEX ON account (note) INCLUDE (client_id)"],
    ["unique-key", "account", "CREATE UNIQUE INDEX ON account (encode(client_id, 'hex'))"],
    ["unique-key", "entry", "ALTER TABLE entry ADD EXCLUDE USING btree (amount WITH =)"],
    [
      "foreign-key",
      "more",
      more("owner bytea, FOREIGN KEY (owner, id) REFERENCES entry (client_id, sequence)"),
    ],
    ["foreign-key", "more", more("v integer REFERENCES version")],
    ["foreign-key", "more", more("ta bytea REFERENCES directory (ta_id)")],
    [
      "foreign-key",
      "more",
      more("FOREIGN KEY (client_id, id) REFERENCES entry (client_id, sequence) ON DELETE CASCADE"),
    ],
    [
      "foreign-key",
      "currency",
      "ALTER TABLE directory ADD COLUMN code text UNIQUE; ALTER TABLE currency ADD FOREIGN KEY (code) REFERENCES directory (code)",
      "unique-key",
    ],
    [
      "trigger",
      "entry",
      `CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
       CREATE TRIGGER t BEFORE INSERT ON entry FOR EACH ROW EXECUTE FUNCTION f()`,
    ],
    [
      "event-trigger",
      "e",
      `CREATE FUNCTION f() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';
       CREATE EVENT TRIGGER e ON ddl_command_end EXECUTE FUNCTION f()`,
    ],
    ["rewrite-rule", "entry", "CREATE RULE r AS ON DELETE TO entry DO INSTEAD NOTHING"],
    ["sequence", "s", "CREATE SEQUENCE s"],
    ["sequence", "more_n_seq", more("n bigserial"), "volatile-default"],
    ["sequence", "more_n_seq", more("n bigint GENERATED ALWAYS AS IDENTITY")],
    ["volatile-default", "more", more("id2 uuid DEFAULT gen_random_uuid()")],
    ["volatile-default", "more", more("at timestamptz DEFAULT now()")],
    ["volatile-default", "more", more("at timestamptz DEFAULT CURRENT_TIMESTAMP")],
    [
      "volatile-default",
      "more",
      more("n double precision[] DEFAULT ARRAY[random() + 1]"),
      "inexact-number",
    ],
    ["volatile-check", "more", more("at date CHECK (at > CURRENT_DATE)")],
    ["volatile-check", "more", more("at bigint CHECK (at < extract(epoch FROM now()))")],
    ["unlogged", "more", `${more("n int")}; ALTER TABLE more SET UNLOGGED`],
    [
      "inheritance",
      "heir",
      `CREATE TABLE heir (PRIMARY KEY (client_id, sequence)) INHERITS (entry);
       COMMENT ON TABLE heir IS 'distributed by client_id: -'`,
    ],
    ["inexact-number", "more", more("x double precision")],
    ["inexact-number", "more", more("x real")],
    ["inexact-number", "more", more("x money")],
    ["inexact-number", "more", more("x numeric")],
    ["inexact-number", "more", more("x numeric(20,2)")],
    ["unbounded-amount", "more", more("x numeric(20,0)")],
    // What only has a lower bound takes NaN, which PostgreSQL orders above all numbers.
    ["unbounded-amount", "more", more("x numeric(20,0) CHECK (x > 0)")],
    ["unbounded-amount", "more", more("x numeric(20,0) CHECK (x >= 0)")],
    [
      "unbounded-amount",
      "more",
      more("x numeric(20,0) CHECK (x BETWEEN 0 AND 18446744073709551616)"),
    ],
    [
      "unbounded-amount",
      "more",
      more("x numeric(20,0), CHECK (id IS NULL OR x BETWEEN 0 AND 18446744073709551615)"),
    ],
  ])("finds %s in %s", async (rule, where, ddl, also = "") => {
    const found = await findings(ddl);
    expect(found).toContainEqual({ rule, where });
    expect(found.filter((it) => it.rule !== rule && it.rule !== also)).toEqual([]);
  });
});

function rulesBrokenBy(sql: string): string[] {
  return [...new Set(checkStatement(sql, schema).map(({ rule }) => rule))];
}

describe("the check of a statement", () => {
  test.each([
    "SELECT balance FROM account WHERE client_id = $1",
    "SELECT balance FROM account WHERE currency = $2 AND ($1 = client_id AND balance > 0)",
    "SELECT balance FROM account WHERE client_id = ANY ($1) ORDER BY client_id FOR UPDATE",
    "SELECT balance FROM account WHERE (client_id, currency) IN (($1, $2), ($3, $4))",
    "SELECT balance FROM account WHERE (client_id, currency) = ($1, $2)",
    "SELECT balance FROM account WHERE client_id IN (SELECT id FROM unnest($1::bytea[]) id)",
    "SELECT a.balance FROM account a JOIN entry e USING (client_id) WHERE a.client_id = $1",
    "SELECT a.balance FROM account a JOIN entry e ON e.client_id = a.client_id AND e.client_id = $1",
    "SELECT a.balance FROM unnest($1::bytea[]) AS k (id) JOIN account a ON a.client_id = k.id",
    "SELECT a.balance FROM unnest($1::bytea[]) AS k (client_id) JOIN account a USING (client_id)",
    "SELECT balance FROM account, unnest($1::bytea[]) AS k (id) WHERE client_id = id",
    "SELECT (SELECT sum(amount) FROM entry e WHERE e.client_id = a.client_id) FROM account a WHERE a.client_id = $1",
    "SELECT client_id FROM directory WHERE ta_id = $1",
    "SELECT code FROM currency",
    "SELECT number FROM version",
    "UPDATE account SET balance = balance + $2 WHERE client_id = $1",
    `WITH k AS (SELECT * FROM unnest($1::bytea[], $2::numeric[]) AS t (id, x))
     UPDATE account a SET balance = a.balance + k.x FROM k WHERE a.client_id = k.id`,
    `WITH new AS (INSERT INTO entry (client_id, currency, sequence, amount) SELECT * FROM unnest($1::bytea[])
       ON CONFLICT (client_id, sequence) DO NOTHING RETURNING client_id, amount)
     UPDATE account SET balance = balance + new.amount FROM new WHERE account.client_id = new.client_id`,
    "INSERT INTO entry (client_id, sequence) VALUES ($1, $2) ON CONFLICT DO NOTHING",
    "DELETE FROM entry USING unnest($1::bytea[]) AS k (id) WHERE entry.client_id = k.id",
    "/* all clients: the supply audit */ SELECT sum(balance) FROM account",
  ])("accepts %s", (sql) => {
    expect(checkStatement(sql, schema)).toEqual([]);
  });

  test.each([
    ["all-shards", "SELECT sum(balance) FROM account"],
    ["all-shards", "SELECT balance FROM account WHERE currency = $1"],
    ["all-shards", "SELECT balance FROM account WHERE client_id = $1 OR balance = 0"],
    ["all-shards", "SELECT balance FROM account WHERE client_id > $1"],
    ["all-shards", "SELECT balance FROM account WHERE client_id = client_id"],
    ["all-shards", "SELECT balance FROM account WHERE client_id = decode(currency, 'hex')"],
    ["all-shards", "SELECT balance FROM account WHERE upper(client_id) = $1"],
    ["all-shards", "SELECT client_id FROM directory WHERE client_id = $1"],
    ["all-shards", "SELECT ta_id FROM directory WHERE ta_id = client_id"],
    ["all-shards", "SELECT 1 FROM account a JOIN entry e USING (client_id)"],
    ["all-shards", "SELECT 1 FROM account a, entry e WHERE a.client_id = $1"],
    [
      "all-shards",
      "SELECT 1 FROM currency WHERE EXISTS (SELECT FROM account WHERE currency = code)",
    ],
    ["all-shards", "SELECT 1 FROM account WHERE client_id = $1 UNION SELECT 1 FROM entry"],
    ["all-shards", "WITH a AS (SELECT * FROM account) SELECT * FROM a WHERE client_id = $1"],
    ["all-shards", "UPDATE account SET balance = 0 WHERE currency = $1"],
    ["all-shards", "UPDATE account SET balance = 0"],
    ["all-shards", "DELETE FROM entry WHERE sequence < $1"],
    ["all-shards", "INSERT INTO entry (sequence) VALUES ($1)"],
    ["all-shards", "INSERT INTO entry VALUES ($1, $2, $3)"],
    ["all-shards", "INSERT INTO entry (client_id) VALUES ($1) ON CONFLICT (sequence) DO NOTHING"],
    ["all-shards", "/* all clients */ SELECT sum(balance) FROM account"],
    [
      "constraint-name",
      "INSERT INTO entry (client_id) VALUES ($1) ON CONFLICT ON CONSTRAINT entry_pkey DO NOTHING",
    ],
    ["volatile-function", "UPDATE account SET note = gen_random_uuid()::text WHERE client_id = $1"],
    ["volatile-function", "INSERT INTO entry (client_id, sequence) VALUES ($1, nextval('s'))"],
    ["clock", "SELECT 1 FROM account WHERE client_id = $1 AND now() > $2"],
    ["clock", "SELECT CURRENT_DATE"],
    ["advisory-lock", "SELECT pg_advisory_xact_lock(1)"],
    ["advisory-lock", "SELECT pg_catalog.pg_try_advisory_lock($1)"],
    ["statement-kind", "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE"],
    ["statement-kind", "BEGIN"],
    ["statement-kind", "LOCK TABLE account"],
    ["statement-kind", "TRUNCATE entry"],
    ["statement-kind", "SELECT 1; DROP TABLE entry"],
    ["unparsable", "SELECT FROM WHERE"],
  ])("finds %s in %s", (rule, sql) => {
    expect(rulesBrokenBy(sql)).toContain(rule);
  });
});

describe("the check of the source", () => {
  function check(files: Record<string, string>) {
    const folder = temporaryFolder();
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
    const { findings: found, statements } = checkSources(folder, schema);
    return { found: found.map(({ rule, where }) => `${rule} ${where}`), statements };
  }

  test("reads statements wherever they stand, put together from constants or not", () => {
    const files = {
      "columns.ts": 'export const COLUMNS = "client_id, balance";',
      "query.ts": [
        'import { COLUMNS as C } from "./columns.ts";',
        "const TAIL = `WHERE client_id = $${1}`;",
        "const text = `SELECT ${C} FROM account ${TAIL}`;",
        'run({ name: "x", text: "SELECT balance " + "FROM account" });',
        "run(`\n  UPDATE account SET balance = 0`);",
        'say("Select a wallet, then delete it");',
      ].join("\n"),
    };
    expect(check(files)).toEqual({
      found: ["all-shards query.ts:4", "all-shards query.ts:5"],
      statements: 3,
    });
  });

  test.each([
    ["interpolated", "const f = (t: string) => `SELECT * FROM ${t} WHERE client_id = $1`;"],
    ["interpolated", 'const f = (t: string) => "SELECT * FROM " + t;'],
    ["interpolated", "let t = 'account'; run(`DELETE FROM ${t}`);"],
    ["isolation", 'const level = "isolation level serializable";'],
    ["isolation", "const level = `REPEATABLE  READ`;"],
    ["advisory-lock", 'const name = "pg_try_advisory_xact_lock";'],
    ["constraint-name", 'if (error.constraint === "entry_pkey") retry();'],
    ["constraint-name", 'if (error["constraint"] === "entry_pkey") retry();'],
    ["unparsable", 'run("SELECT * FORM account");'],
  ])("finds %s in %s", (rule, text) => {
    expect(check({ "file.ts": text }).found).toContain(`${rule} file.ts:1`);
  });

  test("says nothing about words in comments, names and sentences", () => {
    const text = `
      // SERIALIZABLE, pg_advisory_lock and SELECT * FROM account are not for us.
      const SERIALIZABLE = { constraint: "of the design" };
      export const message = "Select a wallet";`;
    expect(check({ "file.ts": text })).toEqual({ found: [], statements: 0 });
  });
});
