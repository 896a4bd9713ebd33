/** A node of PostgreSQL's parse tree, by the names of parsenodes.h. */
export type Tree = Readonly<Record<string, unknown>>;

export function isTree(value: unknown): value is Tree {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Every node below a value with its kind, in the order of the text. Nodes are wrapped as `{ Kind: fields }`. */
export function* nodes(value: unknown): Generator<[kind: string, node: Tree]> {
  if (Array.isArray(value)) {
    for (const item of value) yield* nodes(item);
  } else if (isTree(value)) {
    for (const [key, child] of Object.entries(value)) {
      if (isTree(child)) {
        if (/^[A-Z]/.test(key)) yield [key, child];
        // The arms of a UNION are not wrapped.
        else if (/^[lr]arg$/.test(key) && "limitOption" in child) yield ["SelectStmt", child];
      }
      yield* nodes(child);
    }
  }
}

/** The parts of a qualified name; a star is left out. */
export function names(list: unknown): string[] {
  if (!Array.isArray(list)) return [];
  return list.flatMap((item: unknown) => {
    const part = isTree(item) ? item["String"] : undefined;
    return isTree(part) ? [String(part["sval"])] : [];
  });
}

/** The last part of a qualified name: the column's, operator's or function's own. */
export function ownName(list: unknown): string {
  return names(list).pop() ?? "";
}
