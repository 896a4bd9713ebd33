import { parseSync, type Node } from "oxc-parser";

/** One small fault in a source: this stretch of it is replaced. */
export type Mutation = {
  readonly start: number;
  readonly end: number;
  readonly replacement: string;
  /** `block`: what is between two braces is not run. */
  readonly shape: "expression" | "block";
};

type Tree = Node & { readonly [field: string]: unknown };

const SWAPS = new Map<string, readonly string[]>(
  Object.entries({
    "+": ["-"],
    "-": ["+"],
    "*": ["/"],
    "/": ["*"],
    "%": ["*"],
    "<": ["<=", ">="],
    "<=": ["<", ">"],
    ">": [">=", "<="],
    ">=": [">", "<"],
    "===": ["!=="],
    "!==": ["==="],
    "==": ["!="],
    "!=": ["=="],
    "&": ["|"],
    "|": ["&"],
    "^": ["&"],
    "<<": [">>"],
    ">>": ["<<"],
    ">>>": ["<<"],
    "&&": ["||"],
    "||": ["&&"],
    "??": ["&&"],
    "+=": ["-="],
    "-=": ["+="],
    "*=": ["/="],
    "|=": ["&="],
    "&=": ["|="],
  }),
);

const METHODS = new Map(
  Object.entries({
    every: "some",
    some: "every",
    startsWith: "endsWith",
    endsWith: "startsWith",
    min: "max",
    max: "min",
  }),
);
/** Calls that leave out or rearrange: without them the whole passes. */
const DROPPED = new Set(["filter", "toSorted", "toReversed", "slice", "subarray", "trim"]);

/** All mutations of a TypeScript, or AssemblyScript, source. Types, imports and the texts of errors that bugs throw are left alone. */
export function mutationsOf(file: string, source: string): readonly Mutation[] {
  // AssemblyScript puts decorators where TypeScript has none.
  const text = source.replaceAll(/^@\w+(?:\(.*?\))?/gm, (decorator) =>
    " ".repeat(decorator.length),
  );
  const { program, errors } = parseSync(file, text);
  if (errors[0] !== undefined) throw new Error(`${file}: ${errors[0].message}`);
  const found: Mutation[] = [];
  visit(program as unknown as Tree, undefined, source, found);
  return found;
}

function visit(node: Tree, parent: Tree | undefined, source: string, found: Mutation[]): void {
  if (isSkipped(node)) return;
  for (const mutation of mutate(node, parent, source)) found.push(mutation);
  for (const [name, child] of Object.entries(node)) {
    // Keys and names are no values; the callee of an import is none either.
    if (name === "key" && node["computed"] !== true) continue;
    if (name === "source" && node.type.startsWith("Export")) continue;
    if (name === "typeAnnotation" || name === "typeArguments" || name === "returnType") continue;
    for (const one of Array.isArray(child) ? (child as unknown[]) : [child]) {
      if (isNode(one)) visit(one, node, source, found);
    }
  }
}

function isNode(value: unknown): value is Tree {
  return typeof value === "object" && value !== null && "type" in value && "start" in value;
}

function isSkipped({ type }: Tree): boolean {
  if (/^(?:TSAsExpression|TSSatisfiesExpression|TSNonNullExpression)$/.test(type)) return false;
  return (
    type.startsWith("TS") || /^(?:ImportDeclaration|ExportAll|ThrowStatement|Decorator)/.test(type)
  );
}

/** A place in a source, and how to say what stands there instead. */
type Place = {
  readonly node: Tree;
  readonly parent: Tree | undefined;
  readonly source: string;
  readonly text: (of: Tree) => string;
  readonly field: (name: string) => Tree | undefined;
  readonly instead: (replacement: string, of?: Tree) => Mutation;
};

function mutate(node: Tree, parent: Tree | undefined, source: string): Iterable<Mutation> {
  const operators = OPERATORS.get(node.type);
  if (operators === undefined) return [];
  return operators({
    node,
    parent,
    source,
    text: (of) => source.slice(of.start, of.end),
    field: (name) => {
      const value = node[name];
      return isNode(value) ? value : undefined;
    },
    instead: (replacement, { start, end } = node) => ({
      start,
      end,
      replacement,
      shape: "expression",
    }),
  });
}

const OPERATORS = new Map<string, (place: Place) => Iterable<Mutation>>(
  Object.entries({
    BinaryExpression: swaps,
    LogicalExpression: swaps,
    AssignmentExpression: swaps,
    UnaryExpression: unary,
    UpdateExpression: update,
    IfStatement: conditions,
    ConditionalExpression: conditions,
    WhileStatement: endings,
    ForStatement: endings,
    Literal: literals,
    TemplateLiteral: ({ node, parent, text, instead }: Place) =>
      parent?.type === "TaggedTemplateExpression" || isOfAssertion(parent) || text(node) === "``"
        ? []
        : [instead('""')],
    ArrayExpression: ({ node, instead }: Place) =>
      (node["elements"] as unknown[]).length > 0 ? [instead("[]")] : [],
    BlockStatement: blocks,
    FunctionBody: blocks,
    CallExpression: calls,
  }),
);

function* swaps({ node, text, field, instead }: Place): Generator<Mutation> {
  const [left, right] = [field("left"), field("right")];
  if (left === undefined || right === undefined) return;
  if (node["operator"] === "+" && [left, right].some(isText)) return;
  for (const operator of SWAPS.get(String(node["operator"])) ?? []) {
    yield instead(`${text(left)} ${operator} ${text(right)}`);
  }
}

function* unary({ node, text, field, instead }: Place): Generator<Mutation> {
  const argument = field("argument");
  const operator = String(node["operator"]);
  if (argument !== undefined && /^[!~-]$/.test(operator)) yield instead(text(argument));
}

function* update({ node, text, field, instead }: Place): Generator<Mutation> {
  const argument = field("argument");
  const other = node["operator"] === "++" ? "--" : "++";
  if (argument === undefined) return;
  yield instead(node["prefix"] === true ? other + text(argument) : text(argument) + other);
}

function* conditions({ field, instead }: Place): Generator<Mutation> {
  const test = field("test");
  if (test !== undefined) yield* [instead("true", test), instead("false", test)];
}

/** A loop that never runs; one that always does would only hang. */
function* endings({ field, instead }: Place): Generator<Mutation> {
  const test = field("test");
  if (test !== undefined) yield instead("false", test);
}

function* blocks({ node, parent }: Place): Generator<Mutation> {
  if (!isRemovable(node, parent)) return;
  yield { start: node.start + 1, end: node.end - 1, replacement: "", shape: "block" };
}

function* literals({ node, parent, text, instead }: Place): Generator<Mutation> {
  if (parent?.type === "ExpressionStatement" || parent?.type === "ImportExpression") return;
  const { value } = node as unknown as { readonly value: unknown };
  if (typeof value === "string" && isOfAssertion(parent)) return;
  if (typeof value === "boolean") yield instead(`${!value}`);
  else if (typeof value === "string") yield instead(value === "" ? '"mutant"' : '""');
  else if (typeof value === "number" && Number.isSafeInteger(value)) yield instead(`${value + 1}`);
  else if (/^\d+n$/.test(text(node))) yield instead(`${BigInt(text(node).slice(0, -1)) + 1n}n`);
}

function* calls({ node, source, instead }: Place): Generator<Mutation> {
  const callee = node["callee"];
  if (!isNode(callee) || callee.type !== "MemberExpression") return;
  const { object, property, optional } = callee as unknown as Record<string, unknown>;
  if (!isNode(object) || !isNode(property) || optional === true) return;
  // In the middle of a chain parentheses would change its meaning.
  const before = source.slice(node.start, property.start);
  if (before.includes("?.")) return;
  const name = source.slice(property.start, property.end);
  const other = METHODS.get(name);
  if (other !== undefined) yield instead(before + other + source.slice(property.end, node.end));
  if (DROPPED.has(name)) yield instead(source.slice(object.start, object.end));
}

/** What `assert(…, "text")` throws only a bug, and nobody may rely on the text. */
function isOfAssertion(parent: Tree | undefined): boolean {
  const callee = parent?.type === "CallExpression" ? parent["callee"] : undefined;
  const { name } = (callee ?? {}) as { readonly name?: string };
  return name?.startsWith("assert") === true;
}

function isText({ type, ...node }: Tree): boolean {
  return type === "TemplateLiteral" || (type === "Literal" && typeof node["value"] === "string");
}

/** A constructor may have to call another; an empty block is as it is. */
function isRemovable(node: Tree, parent: Tree | undefined): boolean {
  if ((node["body"] as unknown[] | undefined)?.length === 0) return false;
  return parent?.type !== "TryStatement" && parent?.type !== "CatchClause";
}
