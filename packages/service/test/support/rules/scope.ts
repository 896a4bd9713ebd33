import type { Schema } from "./tables.ts";
import { isTree, names, nodes, ownName, type Tree } from "./tree.ts";

/** A distributed table as one query names it. */
interface Source {
  readonly table: string;
  readonly alias: string;
  readonly by: string;
}

/**
 * The distributed tables of a statement, subqueries and CTEs included, whose distribution column is not tied to a value: to a parameter or
 * to a column of something that is not distributed itself. Such a statement would go to every node.
 */
export function unboundTables(tree: unknown, schema: Schema): string[] {
  return [...nodes(tree)].flatMap(([kind, node]) => {
    if (!["SelectStmt", "UpdateStmt", "DeleteStmt"].includes(kind)) return [];
    const changed = kind === "SelectStmt" ? [] : [{ RangeVar: node["relation"] }];
    const from = [changed, node["fromClause"] ?? [], node["usingClause"] ?? []].flat();
    return unbound(from, conjuncts(node["whereClause"]), schema);
  });
}

function sourcesOf(from: unknown, schema: Schema): Source[] {
  if (Array.isArray(from)) return from.flatMap((item) => sourcesOf(item, schema));
  if (!isTree(from)) return [];
  const join = from["JoinExpr"];
  if (isTree(join)) return sourcesOf([join["larg"], join["rarg"]], schema);
  const range = from["RangeVar"];
  if (!isTree(range)) return [];
  const table = String(range["relname"]);
  const kind = schema.tables.get(table);
  if (kind?.kind !== "distributed") return [];
  const alias = isTree(range["alias"]) ? String(range["alias"]["aliasname"]) : table;
  return [{ table, alias, by: kind.by }];
}

/** One side of an equality: a column by its qualifier and name, or anything else. */
type Side = { readonly alias: string | undefined; readonly column: string } | "value";
type Equality = readonly [Side, Side];

function conjuncts(condition: unknown): Equality[] {
  if (!isTree(condition)) return [];
  const both = condition["BoolExpr"];
  if (isTree(both)) {
    const all = both["boolop"] === "AND_EXPR" && Array.isArray(both["args"]) ? both["args"] : [];
    return all.flatMap((part) => conjuncts(part));
  }
  const sublink = condition["SubLink"];
  if (isTree(sublink) && sublink["subLinkType"] === "ANY_SUBLINK") {
    return sidesOf(sublink["testexpr"]).map((side) => [side, "value"] as const);
  }
  const expression = condition["A_Expr"];
  return isTree(expression) ? equalities(expression) : [];
}

/** `a = b`, `a = ANY (…)`, `a IN (…)`, and rows of them. */
function equalities(expression: Tree): Equality[] {
  if (ownName(expression["name"]) !== "=") return [];
  const left = sidesOf(expression["lexpr"]);
  if (expression["kind"] !== "AEXPR_OP") return left.map((side) => [side, "value"] as const);
  const right = sidesOf(expression["rexpr"]);
  return left.flatMap((side, index) => {
    const other = right.length === left.length ? right[index] : "value";
    return [[side, other ?? "value"] as const];
  });
}

function sidesOf(expression: unknown): Side[] {
  if (!isTree(expression)) return ["value"];
  const row = expression["RowExpr"];
  if (isTree(row) && Array.isArray(row["args"]))
    return row["args"].flatMap((part) => sidesOf(part));
  const column = expression["ColumnRef"];
  if (isTree(column)) {
    return [{ alias: qualifier(column), column: ownName(column["fields"]) }];
  }
  // What is computed from a column ties no more than the column does, and is not the column.
  const [inner] = [...nodes(expression)].filter(([kind]) => kind === "ColumnRef");
  return [inner === undefined ? "value" : { alias: qualifier(inner[1]), column: "" }];
}

function qualifier(column: Tree): string | undefined {
  const parts = names(column["fields"]);
  return parts[parts.length - 2];
}

function joinConditions(from: unknown): Equality[] {
  if (Array.isArray(from)) return from.flatMap((item) => joinConditions(item));
  const join = isTree(from) ? from["JoinExpr"] : undefined;
  if (!isTree(join)) return [];
  const using = names(join["usingClause"]).flatMap((column): Equality[] => {
    const [left, right] = [aliases(join["larg"]), aliases(join["rarg"])];
    return left.flatMap((a) =>
      right.map(
        (b) =>
          [
            { alias: a, column },
            { alias: b, column },
          ] as const,
      ),
    );
  });
  return [...conjuncts(join["quals"]), ...using, ...joinConditions([join["larg"], join["rarg"]])];
}

/** The names that a FROM item brings into scope. */
function aliases(from: unknown): string[] {
  if (!isTree(from)) return [];
  return Object.values(from).flatMap((item) => {
    if (!isTree(item)) return [];
    if ("larg" in item) return [...aliases(item["larg"]), ...aliases(item["rarg"])];
    const alias = item["alias"];
    return [isTree(alias) ? String(alias["aliasname"]) : String(item["relname"])];
  });
}

function unbound(from: unknown[], where: Equality[], schema: Schema): string[] {
  const sources = sourcesOf(from, schema);
  const conditions = [...where, ...joinConditions(from)];
  const hasOthers = from.flatMap((item) => aliases(item)).length > sources.length;

  /** The table whose distribution column this is. */
  const sourceOf = (side: Side): Source | undefined => {
    if (side === "value") return undefined;
    const { alias, column } = side;
    const candidates = sources.filter((it) => it.by === column && it.alias === (alias ?? it.alias));
    return candidates.length === 1 ? candidates[0] : undefined;
  };
  const bound = new Set<Source>();
  const isTied = (side: Side): boolean => {
    if (side === "value") return true;
    const source = sourceOf(side);
    if (source !== undefined) return bound.has(source);
    // Another column of a distributed table ties nothing; one without a qualifier may be such.
    if (side.alias === undefined) return hasOthers;
    return !sources.some(({ alias }) => alias === side.alias);
  };
  // Each round ties the tables that are equal to one tied before.
  for (const _ of sources) {
    for (const [left, right] of conditions) {
      const [a, b] = [sourceOf(left), sourceOf(right)];
      if (a !== undefined && isTied(right)) bound.add(a);
      if (b !== undefined && isTied(left)) bound.add(b);
    }
  }
  const loose = sources.filter((source) => !bound.has(source));
  return loose.map(({ table, alias, by }) => `${table} (${alias}) is not tied by ${by}`);
}
