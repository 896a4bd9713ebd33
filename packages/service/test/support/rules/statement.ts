import { loadModule, parseSync } from "libpg-query";
import { unboundTables } from "./scope.ts";
import type { Schema } from "./tables.ts";
import { nodes, ownName, type Tree } from "./tree.ts";

await loadModule();

export interface Breach {
  readonly rule: string;
  readonly what: string;
}

/** Stands first in the few statements that mean all clients: audits, and clearing away what has expired. */
const ALL_CLIENTS = /^\s*\/\* all clients: [^*]+\*\//;

const WRITES = ["InsertStmt", "UpdateStmt", "DeleteStmt"];
const KINDS = ["SelectStmt", ...WRITES];

/** Checks one text of SQL with PostgreSQL's own grammar. */
export function checkStatement(sql: string, schema: Schema): Breach[] {
  let tree: Tree[];
  try {
    tree = (parseSync(sql).stmts ?? []).flatMap(({ stmt }) =>
      stmt === undefined ? [] : [{ ...stmt }],
    );
  } catch (error) {
    return [{ rule: "unparsable", what: String(error) }];
  }
  const all = [...nodes(tree)];
  const breaches = all.flatMap(([kind, node]) => checkNode(kind, node, schema));
  for (const kind of tree.flatMap((statement) => Object.keys(statement))) {
    if (!KINDS.includes(kind)) breaches.push({ rule: "statement-kind", what: kind });
  }
  if (all.some(([kind]) => WRITES.includes(kind))) {
    for (const [kind, node] of all) {
      const called = kind === "FuncCall" ? ownName(node["funcname"]) : "";
      if (schema.volatile.has(called)) breaches.push({ rule: "volatile-function", what: called });
    }
  }
  if (!ALL_CLIENTS.test(sql)) {
    for (const what of unboundTables(tree, schema)) breaches.push({ rule: "all-shards", what });
  }
  return breaches;
}

function checkNode(kind: string, node: Tree, schema: Schema): Breach[] {
  switch (kind) {
    case "SQLValueFunction":
      return [{ rule: "clock", what: String(node["op"]) }];
    case "FuncCall": {
      const name = ownName(node["funcname"]);
      if (/advisory/.test(name)) return [{ rule: "advisory-lock", what: name }];
      return /^(now|(clock|statement|transaction)_timestamp|timeofday)$/.test(name)
        ? [{ rule: "clock", what: name }]
        : [];
    }
    case "InsertStmt":
      return checkInsert(node, schema);
    default:
      return [];
  }
}

/** The row says to which node it goes, and a conflict can only be found there. */
function checkInsert(insert: Tree, { tables }: Schema): Breach[] {
  const name = String((insert["relation"] as Tree)["relname"]);
  const table = tables.get(name);
  const breaches: Breach[] = [];
  const infer = (insert["onConflictClause"] as Tree | undefined)?.["infer"] as Tree | undefined;
  const constraint = infer?.["conname"];
  if (typeof constraint === "string") {
    breaches.push({ rule: "constraint-name", what: constraint });
  }
  if (table?.kind !== "distributed") return breaches;
  const given = [...nodes(insert["cols"])].map(([, target]) => target["name"]);
  if (!given.includes(table.by)) {
    breaches.push({ rule: "all-shards", what: `INSERT INTO ${name} does not name ${table.by}` });
  }
  const arbiters = infer?.["indexElems"];
  if (arbiters !== undefined) {
    const columns = [...nodes(arbiters)].map(([, element]) => element["name"]);
    if (!columns.includes(table.by)) {
      breaches.push({ rule: "all-shards", what: `ON CONFLICT of ${name} lacks ${table.by}` });
    }
  }
  return breaches;
}
