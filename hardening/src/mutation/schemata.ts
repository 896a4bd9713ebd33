import type { Mutation } from "./operators.ts";

export type Mutant = Mutation & {
  readonly id: number;
  readonly file: string;
  readonly line: number;
};

/**
 * One source that holds all of its mutants: each is an alternative that is chosen while the program runs, so that trying the next
 * one costs no loading. `condition` is code that is true while the mutant with this id is the one to be tried.
 */
export function withSwitches(
  source: string,
  mutants: readonly Mutant[],
  condition: (id: number) => string,
): string {
  const groups = Map.groupBy(mutants, ({ start, end, shape }) => `${start} ${end} ${shape}`);
  const insertions: { readonly at: number; readonly rank: number; readonly text: string }[] = [];
  for (const group of groups.values()) {
    const [{ start, end, shape } = { start: 0, end: 0, shape: "expression" }] = group;
    const conditions = group.map(({ id, replacement }) => [condition(id), replacement] as const);
    const length = end - start;
    if (shape === "block") {
      const [[when] = [""]] = conditions;
      // Before everything that begins here, after everything that ends here; wider ones outside.
      insertions.push({ at: start, rank: -length, text: `if (${when}) {} else {` });
      insertions.push({ at: end, rank: length, text: "}" });
      continue;
    }
    const choices = conditions.map(([when, instead]) => `${when} ? (${instead}) : `).join("");
    insertions.push({ at: start, rank: 1e9 - length, text: `(${choices}(` });
    insertions.push({ at: end, rank: -1e9 + length, text: "))" });
  }
  insertions.sort((a, b) => a.at - b.at || a.rank - b.rank);
  let out = "";
  let from = 0;
  for (const { at, text } of insertions) {
    out += source.slice(from, at) + text;
    from = at;
  }
  return out + source.slice(from);
}
