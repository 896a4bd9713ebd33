import { globSync } from "node:fs";
import { join } from "node:path";
import type { Finding } from "./finding.ts";
import { beginning, children, readModule, staticText, type Module, type Node } from "./literal.ts";
import { checkStatement } from "./statement.ts";
import type { Schema } from "./tables.ts";

export interface SourceReport {
  readonly findings: Finding[];
  /** How many statements were read, so that a scan of nothing does not pass for a clean one. */
  readonly statements: number;
}

/** Code that runs statements of its own: it opens the database rather than uses it. */
const OPENER = /^db\//;
/** The server that only one provider uses; its cluster is never Citus'. */
const EMBEDDED = /^db\/embedded\//;

/** Looks at every literal that is SQL, and for what no layer may do. */
export function checkSources(folder: string, schema: Schema): SourceReport {
  const findings: Finding[] = [];
  let statements = 0;
  for (const path of globSync("**/*.ts", { cwd: folder }).toSorted()) {
    if (EMBEDDED.test(path)) continue;
    const module = readModule(join(folder, path));
    for (const found of findExpressions(module.program, module)) {
      const where = `${path}:${lineOf(found.node, module)}`;
      for (const [rule, what] of suspicions(found)) findings.push({ rule, where, what });
      if (OPENER.test(path) || !looksLikeSql(found)) continue;
      statements += 1;
      if (found.text === undefined) {
        findings.push({ rule: "interpolated", where, what: beginning(found.node).trim() });
        continue;
      }
      for (const breach of checkStatement(found.text, schema)) findings.push({ where, ...breach });
    }
  }
  return { findings, statements };
}

interface Found {
  readonly node: Node;
  /** Undefined where it is put together at run time. */
  readonly text: string | undefined;
}

/** The outermost expressions that hold text, and accesses of members. */
function findExpressions(node: Node, module: Module): Found[] {
  const isText =
    node.type === "TemplateLiteral" ||
    (node.type === "Literal" && typeof node["value"] === "string") ||
    (node.type === "BinaryExpression" && node["operator"] === "+");
  const text = isText ? staticText(node, module) : undefined;
  const here = isText || node.type === "MemberExpression" ? [{ node, text }] : [];
  if (text !== undefined) return here;
  return [...here, ...children(node).flatMap((child) => findExpressions(child, module))];
}

function looksLikeSql({ node, text }: Found): boolean {
  return /^\s*(\/\*[^*]*\*\/\s*)?(SELECT|INSERT|UPDATE|DELETE|WITH|MERGE|TRUNCATE|LOCK|COPY|DO|SET|BEGIN|CREATE|ALTER|DROP)\s/.test(
    text ?? beginning(node),
  );
}

function suspicions({ node, text = beginning(node) }: Found): [rule: string, what: string][] {
  const found: [string, string][] = [];
  const isolation = /\b(SERIALIZABLE|REPEATABLE\s+READ)\b/i.exec(text)?.[0];
  if (isolation !== undefined) found.push(["isolation", isolation]);
  const lock = /\bpg_\w*advisory\w*/i.exec(text)?.[0];
  if (lock !== undefined) found.push(["advisory-lock", lock]);
  if (node.type === "MemberExpression") {
    const property = node["property"] as Node;
    const name = property["name"] ?? property["value"];
    if (name === "constraint") found.push(["constraint-name", "errors are told by SQLSTATE"]);
  }
  return found;
}

function lineOf(node: Node, { text }: Module): number {
  return text.slice(0, Number(node["start"])).split("\n").length;
}
