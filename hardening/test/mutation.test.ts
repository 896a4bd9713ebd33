import { readFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { compileWith } from "../src/mutation/assembly.ts";
import { after } from "../src/mutation/clock.ts";
import { mutationsOf } from "../src/mutation/operators.ts";
import { withSwitches, type Mutant } from "../src/mutation/schemata.ts";
import { scoreOf } from "../src/mutation/score.ts";

const SOURCE = `
import { unused } from "./elsewhere.ts";
type Kind = "a" | "b";
export { other } from "./other.ts";
export function judge(x: number, list: readonly number[] = [1, 2], text = "s"): string {
  if (x >= 10 && !list.every((one) => one < x)) {
    return x.toString() + \`\${text}\`;
  }
  assert(x > 0, "nobody reads this text either");
  let sum = 0;
  for (let i = 0; i < list.length; i++) sum += list.slice(1)[i] ?? 0;
  if (sum < 0) throw new RangeError("a text that nobody reads");
  return list?.filter((one) => one > 1).length === 1 ? "one" : (text as Kind);
}
class Derived extends Array<number> {
  constructor() {
    super();
    this.push(1);
  }
}
`;

function mutants(): readonly Mutant[] {
  return mutationsOf("source.ts", SOURCE).map((one, index) => ({
    ...one,
    id: index + 1,
    file: "source.ts",
    line: 1,
  }));
}

describe("the mutator", () => {
  it("makes sources that are still programs, alone and all together", () => {
    expect(mutants().length).toBeGreaterThan(30);
    for (const { start, end, replacement } of mutants()) {
      const text = SOURCE.slice(0, start) + replacement + SOURCE.slice(end);
      expect(() => stripTypeScriptTypes(text)).not.toThrow();
    }
    const all = withSwitches(SOURCE, mutants(), (id) => `globalThis.__mutant(${id})`);
    expect(() => stripTypeScriptTypes(all)).not.toThrow();
  });

  it("leaves types, module names, keys, chains and the texts of thrown errors alone", () => {
    const touched = mutants().map(({ start, end }) => SOURCE.slice(start, end));
    const strings = touched.filter((text) => text.startsWith('"'));
    expect(strings.toSorted()).toEqual(['"one"', '"s"']);
    expect(touched.filter((text) => text.includes("?.filter") && text.endsWith(")"))).toEqual([]);
  });

  it("chooses a mutant while the program runs, and is the program itself without one", () => {
    const source = "export const f = (a, b) => (a < b ? [a, b].filter((x) => x > 1) : a - b);";
    const found = mutationsOf("f.ts", source).map((one, index) => ({
      ...one,
      id: index + 1,
      file: "f.ts",
      line: 1,
    }));
    const all = withSwitches(source, found, (id) => `active === ${id}`).replace("export ", "");
    // oxlint-disable-next-line typescript/no-implied-eval -- the program was made a line above
    const program = new Function("active", `${all}; return [f(1, 2), f(2, 2), f(5, 3)];`);
    const run = program as (active: number) => unknown;
    const sound = [[2], 0, 2];
    expect(run(0)).toEqual(sound);
    const different = found.filter(({ id }) => JSON.stringify(run(id)) !== JSON.stringify(sound));
    expect(different.length).toBe(found.length);
  });

  it("reads AssemblyScript, which has decorators on functions", () => {
    const source = "@inline\nexport function f(x: u32): u32 {\n  return x + 1;\n}\n";
    const replaced = mutationsOf("f.ts", source).map(({ replacement }) => replacement);
    expect(replaced).toEqual(["", "x - 1", "2"]);
  });
});

describe("a mutant of the AssemblyScript", () => {
  const folder = join(import.meta.dirname, "../../packages/trusted-app");
  const file = join(folder, "assembly/state/list.ts");
  const source = readFileSync(file, "utf8");

  it("is the release with one file's text replaced, or does not compile", async () => {
    const release = readFileSync(join(folder, "bin/ops-ta.wasm"));
    expect(Buffer.from((await compileWith(folder, file, source))!)).toEqual(release);
    const mutant = await compileWith(folder, file, source.replace(" - 1", " + 1"));
    expect(release.equals(mutant!)).toBe(false);
    expect(await compileWith(folder, file, `${source} no program`)).toBeUndefined();
  });
});

describe("the clock of a run", () => {
  it("does not count time in which this process was stopped, and everybody with it", async () => {
    let isOver = false;
    after(1000, () => (isOver = true));
    // As good as stopped: nothing else runs.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1500);
    await sleep(10);
    expect(isOver).toBe(false);
    await sleep(1500);
    expect(isOver).toBe(true);
  });

  it("can be ended before its time", async () => {
    let isOver = false;
    after(500, () => (isOver = true))();
    await sleep(1100);
    expect(isOver).toBe(false);
  });
});

describe("the score", () => {
  it("does not count what does not load, and says of a sample how much it can tell", () => {
    const of = (status: "killed" | "survived" | "unloadable", n: number) =>
      Array.from({ length: n }, () => ({ ...mutants()[0]!, original: "", status }));
    const tried = [...of("killed", 90), ...of("survived", 10), ...of("unloadable", 20)];
    const whole = scoreOf({ tried, population: 120, broken: [] });
    expect(whole).toMatchObject({ score: 90, unloadable: 20 });
    expect(whole).not.toHaveProperty("interval");
    const sampled = scoreOf({ tried, population: 1000, broken: [] });
    expect(sampled).toMatchObject({ score: 90, interval: [82.6, 94.5] });
  });
});
