import type { Client } from "pg";

/** How a table lies on the nodes, from the first words of its COMMENT. */
export type Table =
  | { readonly kind: "distributed"; readonly by: string }
  /** The same rows on every node. */
  | { readonly kind: "reference" }
  /** On the coordinator only. */
  | { readonly kind: "local" }
  | { readonly kind: "unsaid" };

export interface Schema {
  readonly tables: ReadonlyMap<string, Table>;
  /** Functions whose answer changes within or between statements, clocks among them. */
  readonly volatile: ReadonlySet<string>;
}

export async function readSchema(client: Client): Promise<Schema> {
  const tables = await client.query<{ name: string; comment: string | null }>(
    `SELECT c.relname AS name, obj_description(c.oid, 'pg_class') AS comment
       FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
      ORDER BY 1`,
  );
  const functions = await client.query<{ name: string }>(
    `SELECT DISTINCT proname AS name FROM pg_proc
      WHERE provolatile = 'v' OR prorettype IN ('timestamptz'::regtype, 'timestamp'::regtype) AND pronargs = 0`,
  );
  return {
    tables: new Map(tables.rows.map(({ name, comment }) => [name, kindOf(comment ?? "")])),
    volatile: new Set(functions.rows.map(({ name }) => name)),
  };
}

function kindOf(comment: string): Table {
  const by = /^distributed by (\w+)\b/.exec(comment)?.[1];
  if (by !== undefined) return { kind: "distributed", by };
  if (comment.startsWith("reference:")) return { kind: "reference" };
  if (comment.startsWith("local:")) return { kind: "local" };
  return { kind: "unsaid" };
}
