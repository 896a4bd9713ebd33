import type { Client } from "pg";
import type { Finding } from "./finding.ts";
import { readSchema, type Schema } from "./tables.ts";

/** Checks what a database holds after all migrations: the catalog, not the text that made it. */
export async function checkCatalog(client: Client): Promise<Finding[]> {
  const schema = await readSchema(client);
  const checks = [checkTables, checkKeys, checkForeignKeys, checkForbidden, checkColumns];
  const findings: Finding[] = [];
  for (const check of checks) findings.push(...(await check(client, schema)));
  return findings;
}

interface Column {
  readonly table: string;
  readonly type: string;
  readonly required: boolean;
}

async function checkTables(client: Client, { tables }: Schema): Promise<Finding[]> {
  const findings: Finding[] = [];
  /** Tables with the same column must have the same type of it, to lie together. */
  const types = new Map<string, string>();
  for (const [where, table] of tables) {
    if (table.kind === "unsaid") {
      const what =
        "COMMENT ON TABLE says neither 'distributed by …', 'reference: …' nor 'local: …'";
      findings.push({ rule: "placement", where, what });
    }
    if (table.kind !== "distributed") continue;
    const { rows } = await client.query<Column>(
      `SELECT format_type(atttypid, atttypmod) AS type, attnotnull AS required FROM pg_attribute
        WHERE attrelid = $1::regclass AND attname = $2 AND NOT attisdropped`,
      [quote(where), table.by],
    );
    const [column] = rows;
    if (column?.required !== true) {
      const what = `${table.by} is missing or may be NULL`;
      findings.push({ rule: "distribution-column", where, what });
      continue;
    }
    const first = types.get(table.by) ?? column.type;
    types.set(table.by, first);
    if (first !== column.type) {
      const what = `${table.by} is ${column.type}, elsewhere ${first}`;
      findings.push({ rule: "distribution-column", where, what });
    }
  }
  return findings;
}

/** Every primary, unique and exclusion key of a distributed table holds the column it is distributed by. */
async function checkKeys(client: Client, { tables }: Schema): Promise<Finding[]> {
  const { rows } = await client.query<{ table: string; key: string; columns: string[] }>(
    `SELECT t.relname AS table, i.relname AS key,
            ARRAY(SELECT a.attname::text FROM unnest(x.indkey::int2[]) WITH ORDINALITY AS k (attnum, n)
                    JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.attnum
                   WHERE k.n <= x.indnkeyatts) AS columns
       FROM pg_index x JOIN pg_class t ON t.oid = x.indrelid JOIN pg_class i ON i.oid = x.indexrelid
      WHERE t.relnamespace = 'public'::regnamespace AND (x.indisunique OR x.indisexclusion)`,
  );
  const findings = rows.flatMap(({ table: where, key, columns }) => {
    const table = tables.get(where);
    if (table?.kind !== "distributed" || columns.includes(table.by)) return [];
    return [{ rule: "unique-key", where, what: `${key} lacks ${table.by}` }];
  });
  const keyless = await client.query<{ table: string }>(
    `SELECT relname AS table FROM pg_class c
      WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
        AND NOT EXISTS (SELECT FROM pg_index WHERE indrelid = c.oid AND indisprimary)`,
  );
  for (const { table: where } of keyless.rows) {
    findings.push({ rule: "primary-key", where, what: "has none" });
  }
  return findings;
}

interface ForeignKey {
  readonly name: string;
  readonly from: string;
  readonly to: string;
  readonly pairs: { readonly from: string; readonly to: string }[];
  readonly acts: boolean;
}

async function checkForeignKeys(client: Client, { tables }: Schema): Promise<Finding[]> {
  const { rows } = await client.query<ForeignKey>(
    `SELECT k.conname AS name, f.relname AS from, t.relname AS to,
            k.confdeltype NOT IN ('a', 'r') OR k.confupdtype NOT IN ('a', 'r') AS acts,
            (SELECT json_agg(json_build_object('from', fa.attname, 'to', ta.attname))
               FROM unnest(k.conkey, k.confkey) AS c (f, t)
               JOIN pg_attribute fa ON fa.attrelid = f.oid AND fa.attnum = c.f
               JOIN pg_attribute ta ON ta.attrelid = t.oid AND ta.attnum = c.t) AS pairs
       FROM pg_constraint k JOIN pg_class f ON f.oid = k.conrelid JOIN pg_class t ON t.oid = k.confrelid
      WHERE k.contype = 'f' AND f.relnamespace = 'public'::regnamespace`,
  );
  return rows.flatMap(({ name, from, to, pairs, acts }) => {
    const findings: Finding[] = [];
    const find = (what: string) =>
      findings.push({ rule: "foreign-key", where: from, what: `${name} ${what}` });
    if (acts) find("cascades or overwrites");
    const source = tables.get(from);
    const target = tables.get(to);
    if (target?.kind === "reference") {
      if (source?.kind === "local") find("binds a local table to a reference table");
    } else if (source?.kind === "local" && target?.kind === "local") {
      // Both on the coordinator.
    } else if (source?.kind !== "distributed" || target?.kind !== "distributed") {
      find(`binds a table to another node's: ${to}`);
    } else if (!pairs.some((pair) => pair.from === source.by && pair.to === target.by)) {
      find(`does not bind ${source.by} to ${to}.${target.by}`);
    } else if (source.by !== target.by) {
      find(`binds tables that do not lie together: ${to}`);
    }
    return findings;
  });
}

/** What the catalog must not hold at all, as (rule, where, what). */
const FORBIDDEN = `
  SELECT 'trigger', c.relname::text, t.tgname::text FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
   WHERE NOT t.tgisinternal AND c.relnamespace = 'public'::regnamespace
  UNION ALL
  SELECT 'event-trigger', evtname::text, evtevent::text FROM pg_event_trigger
  UNION ALL
  SELECT 'rewrite-rule', c.relname, r.rulename FROM pg_rewrite r JOIN pg_class c ON c.oid = r.ev_class
   WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
  UNION ALL
  SELECT 'sequence', relname, 'ids come from the application' FROM pg_class
   WHERE relnamespace = 'public'::regnamespace AND relkind = 'S'
  UNION ALL
  SELECT 'unlogged', relname, 'a crash empties it' FROM pg_class
   WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND relpersistence <> 'p'
  UNION ALL
  SELECT 'inheritance', c.relname, 'inherits' FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
   WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND NOT c.relispartition
  UNION ALL
  SELECT 'volatile-default', c.relname, pg_get_expr(d.adbin, d.adrelid)
    FROM pg_attrdef d JOIN pg_class c ON c.oid = d.adrelid
   WHERE c.relnamespace = 'public'::regnamespace AND isunstable(d.adbin::text)
  UNION ALL
  SELECT 'volatile-check', c.relname, pg_get_constraintdef(k.oid)
    FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
   WHERE k.contype = 'c' AND c.relnamespace = 'public'::regnamespace AND isunstable(k.conbin::text)`;

/**
 * Whether a stored expression calls what is not immutable. The functions' numbers stand in its tree; the catalog of
 * dependencies leaves out all that PostgreSQL brings itself.
 */
const UNSTABLE = (tree: string) => `(
  ${tree} ~ '\\{(SQLVALUEFUNCTION|NEXTVALUEEXPR)' OR EXISTS (
    SELECT FROM regexp_matches(${tree}, ':(?:funcid|opfuncid) (\\d+)', 'g') AS m
      JOIN pg_proc p ON p.oid = m[1]::oid WHERE p.provolatile <> 'i'))`;

async function checkForbidden(client: Client): Promise<Finding[]> {
  const sql = FORBIDDEN.replaceAll(/isunstable\(([^()]+)\)/g, (_, tree: string) => UNSTABLE(tree));
  const { rows } = await client.query<[string, string, string]>({ text: sql, rowMode: "array" });
  return rows.map(([rule, where, what]) => ({ rule, where, what }));
}

interface Typed {
  readonly table: string;
  readonly column: string;
  readonly type: string;
  /** The CHECKs of this column alone. */
  readonly checks: readonly string[];
}

/** How the catalog prints `CHECK (x BETWEEN 0 AND 2^64 - 1)`, or from 1. Without an upper bound it would take NaN, too. */
const BOUNDS =
  /^CHECK \(\(\((\w+) >= \([01]\)::numeric\) AND \(\1 <= '18446744073709551615'::numeric\)\)\)$/;

/** Money is exact and bounded; time is a number that the application gives. */
async function checkColumns(client: Client): Promise<Finding[]> {
  const { rows } = await client.query<Typed>(
    `SELECT c.relname AS table, a.attname AS column, format_type(a.atttypid, a.atttypmod) AS type,
            ARRAY(SELECT pg_get_constraintdef(k.oid) FROM pg_constraint k
                   WHERE k.conrelid = c.oid AND k.contype = 'c' AND k.conkey = ARRAY[a.attnum]) AS checks
       FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
      WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
        AND a.attnum > 0 AND NOT a.attisdropped`,
  );
  return rows.flatMap(({ table: where, column, type, checks }) => {
    const exact = !/^(real|double precision|money|numeric)(\[\])*$/.test(type);
    const whole = !/^numeric\(\d+,-?[1-9]/.test(type);
    if (!exact || !whole) return [{ rule: "inexact-number", where, what: `${column} ${type}` }];
    if (type === "numeric(20,0)" && !checks.some((check) => BOUNDS.test(check))) {
      const what = `${column} has no CHECK (… BETWEEN 0 AND 2^64 - 1)`;
      return [{ rule: "unbounded-amount", where, what }];
    }
    return [];
  });
}

function quote(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
