import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { parseSync } from "oxc-parser";

/** A node of ESTree, read by its fields. */
export type Node = Readonly<Record<string, unknown>> & { readonly type: string };

export interface Module {
  readonly file: string;
  readonly text: string;
  readonly program: Node;
}

export function readModule(file: string): Module {
  const text = readFileSync(file, "utf8");
  const { program, errors } = parseSync(file, text);
  if (errors[0] !== undefined) throw new Error(`${file}: ${errors[0].message}`);
  return { file, text, program: program as unknown as Node };
}

function isNode(value: unknown): value is Node {
  return (
    typeof value === "object" && value !== null && "type" in value && typeof value.type === "string"
  );
}

export function children(node: Node): Node[] {
  return Object.values(node).flat().filter(isNode);
}

/** The text that an expression surely has: literals, templates and sums of them, constants of this or another file. */
export function staticText(value: unknown, module: Module): string | undefined {
  if (!isNode(value)) return undefined;
  switch (value.type) {
    case "Literal":
      return ["string", "number"].includes(typeof value["value"])
        ? String(value["value"])
        : undefined;
    case "TemplateLiteral":
      return joined(interleave(value), module);
    case "BinaryExpression":
      return value["operator"] === "+"
        ? joined([value["left"], value["right"]], module)
        : undefined;
    case "TSAsExpression":
    case "TSSatisfiesExpression":
    case "ParenthesizedExpression":
      return staticText(value["expression"], module);
    case "Identifier":
      return constantText(String(value["name"]), module);
    default:
      return undefined;
  }
}

function joined(parts: unknown[], module: Module): string | undefined {
  const texts = parts.map((part) => (typeof part === "string" ? part : staticText(part, module)));
  return texts.includes(undefined) ? undefined : texts.join("");
}

function interleave(template: Node): unknown[] {
  const expressions = template["expressions"] as Node[];
  return (template["quasis"] as Node[]).flatMap((quasi, index) => [
    (quasi["value"] as { cooked: string }).cooked,
    ...(index < expressions.length ? [expressions[index]] : []),
  ]);
}

/** The text before the first `${…}` or `+`, which tells what the whole is. */
export function beginning(node: Node): string {
  if (node.type === "TemplateLiteral") return String(interleave(node)[0]);
  if (node.type === "BinaryExpression" && isNode(node["left"])) return beginning(node["left"]);
  return typeof node["value"] === "string" ? node["value"] : "";
}

function constantText(name: string, module: Module): string | undefined {
  for (const statement of children(module.program)) {
    const declaration = isNode(statement["declaration"]) ? statement["declaration"] : statement;
    if (declaration.type === "VariableDeclaration" && declaration["kind"] === "const") {
      for (const { id, init } of declaration["declarations"] as { id: Node; init: unknown }[]) {
        if (id["name"] === name) return staticText(init, module);
      }
    }
    if (statement.type === "ImportDeclaration") {
      const text = importedText(statement, name, module);
      if (text !== undefined) return text;
    }
  }
  return undefined;
}

function importedText(statement: Node, name: string, { file }: Module): string | undefined {
  const from = String((statement["source"] as Node)["value"]);
  const target = join(dirname(file), from);
  if (!from.startsWith(".") || !existsSync(target)) return undefined;
  for (const specifier of statement["specifiers"] as Node[]) {
    if ((specifier["local"] as Node)["name"] !== name || !isNode(specifier["imported"])) continue;
    return constantText(String(specifier["imported"]["name"]), readModule(target));
  }
  return undefined;
}
