// A process that has the tests of a package loaded, and tries mutants against them: node worker.ts, messages by IPC.
import fs, { readFileSync } from "node:fs";
import { registerHooks, stripTypeScriptTypes, syncBuiltinESMExports } from "node:module";
import process from "node:process";
import { fileURLToPath, pathToFileURL } from "node:url";
import { after } from "./clock.ts";
import type { Answer, Order, Plan, Timed } from "./messages.ts";
import { withSwitches } from "./schemata.ts";
import type * as shimModule from "./vitest-shim.ts";
import type { Test } from "./vitest-shim.ts";

type Shim = typeof shimModule;

const SHIM = new URL("./vitest-shim.ts", import.meta.url).href;
const FAST_CHECK = new URL("./fast-check-shim.ts", import.meta.url).href;
const TEST_MS = 180_000;

const plan = JSON.parse(readFileSync(process.argv[2] ?? "", "utf8")) as Plan;
const sources = new Map<string, string>();
const mutantsOf = Map.groupBy(plan.mutants, ({ file }) => file);
let active = 0;
let covered = new Set<number>();
let generation = 0;
let trustedApp: string | undefined;

Object.assign(globalThis, {
  __mutant: (id: number): boolean => {
    covered.add(id);
    return id === active;
  },
});

// The tests read the trusted application from where its build has put it.
const readSync = fs.readFileSync as (path: unknown, options: unknown) => Buffer;
const readInstead = (path: unknown, options: unknown): Buffer => {
  const isApp = trustedApp !== undefined && String(path).endsWith("/ops-ta.wasm");
  return readSync(isApp ? trustedApp : path, options);
};
fs.readFileSync = readInstead as typeof fs.readFileSync;
syncBuiltinESMExports();

// Each generation has all modules of the project anew: what runs while a module loads can only be tried so.
registerHooks({
  resolve(specifier, context, next) {
    if (specifier === "vitest") return { url: SHIM, shortCircuit: true };
    const resolved = next(specifier, context);
    const isOfTest = context.parentURL?.includes("?generation=") === true;
    if (specifier === "fast-check" && isOfTest) return { url: FAST_CHECK, shortCircuit: true };
    const own = isOfTest && isOurs(resolved.url);
    if (!own) return resolved;
    const number = resolved.url.startsWith(plan.reloaded) ? generation : 0;
    return { ...resolved, url: `${resolved.url}?generation=${number}` };
  },
  load(url, context, next) {
    if (!url.includes("?generation=")) return next(url, context);
    return { format: "module", source: sourceOf(fileURLToPath(url)), shortCircuit: true };
  },
});

function isOurs(url: string): boolean {
  return url.startsWith(plan.root) && url.endsWith(".ts") && !url.includes("/node_modules/");
}

function sourceOf(file: string): string {
  let source = sources.get(file);
  if (source === undefined) {
    const text = readFileSync(file, "utf8");
    const mutants = mutantsOf.get(file) ?? [];
    const switched = withSwitches(text, mutants, (id) => `globalThis.__mutant(${id})`);
    source = stripTypeScriptTypes(switched, { mode: "strip" });
    sources.set(file, source);
  }
  return source;
}

const shim = (await import(SHIM)) as Shim;
await quietProperties();

/** Fixed seeds, and no search for the smallest counterexample: one is enough. */
async function quietProperties(): Promise<void> {
  const { default: fc } = await import("fast-check");
  fc.configureGlobal({ seed: 1, endOnFailure: true });
}

function collect(file: string): Promise<Test[]> {
  const url = `${pathToFileURL(file).href}?generation=${generation}`;
  return shim.collect(file, () => import(url));
}

async function failure(test: Test): Promise<string | undefined> {
  let cancel: (() => void) | undefined;
  const late = new Promise<string>((settle) => {
    cancel = after(TEST_MS, () => settle("too late"));
  });
  const run = shim.runTest(test).then(
    () => undefined,
    (error: unknown) => String(error),
  );
  const failed = await Promise.race([run, late]);
  cancel?.();
  return failed;
}

const tests = new Map<string, Test>();
process.on(
  "message",
  (order: Order) => void carryOut(order).then((answer) => process.send?.(answer)),
);
process.send?.({ kind: "ready" } satisfies Answer);

async function carryOut(order: Order): Promise<Answer> {
  if (order.kind === "survey") return survey();
  if (order.kind === "load") return load(order.files);
  trustedApp = order.module;
  return order.fresh ? tryAnew(order.id, order.tests) : tryLoaded(order.id, order.tests);
}

/** Which tests hold without a mutant, each by itself, and what they run through. */
async function survey(): Promise<Answer> {
  const ofLoading = new Set<number>();
  const files: Extract<Answer, { kind: "surveyed" }>["files"][number][] = [];
  const broken: string[] = [];
  for (const file of plan.tests) {
    covered = ofLoading;
    const found = await collect(file);
    const timed: { readonly name: string; readonly ms: number; readonly covers: number[] }[] = [];
    for (const test of found) {
      covered = new Set();
      const begun = performance.now();
      const failed = await failure(test);
      if (failed !== undefined) broken.push(`${test.name}: ${failed.slice(0, 200)}`);
      else {
        tests.set(test.name, test);
        timed.push({ name: test.name, ms: performance.now() - begun, covers: [...covered] });
      }
    }
    files.push({ file, tests: timed });
  }
  return { kind: "surveyed", files, ofLoading: [...ofLoading], broken };
}

/** After the survey of a process before this one. */
async function load(files: readonly string[]): Promise<Answer> {
  for (const file of files) for (const test of await collect(file)) tests.set(test.name, test);
  return { kind: "loaded" };
}

function begin(test: string): void {
  process.send?.({ kind: "began", test } satisfies Answer);
}

async function tryLoaded(id: number, wanted: readonly Timed[]): Promise<Answer> {
  for (const { name } of wanted) {
    const test = tests.get(name);
    if (test === undefined) throw new Error(`no test ${name}`);
    begin(name);
    active = id;
    const failed = await failure(test);
    active = 0;
    if (failed === undefined) continue;
    // What a mutant has spoilt for the others must not count for them.
    const isSpoilt = (await failure(test)) !== undefined;
    return { kind: "killed", id, by: name, isSpoilt };
  }
  return { kind: "survived", id };
}

/** With modules that have been loaded while the mutant was there. */
async function tryAnew(id: number, chosen: readonly Timed[]): Promise<Answer> {
  generation += 1;
  const wanted = new Set(chosen.map(({ name }) => name));
  const files = [...new Set([...wanted].map((name) => name.split(" > ")[0] ?? ""))];
  active = id;
  try {
    for (const file of files) {
      let found: Test[];
      try {
        found = await collect(file);
      } catch (error) {
        return { kind: "unloadable", id, why: String(error).slice(0, 200) };
      }
      for (const test of found) {
        if (!wanted.has(test.name)) continue;
        begin(test.name);
        if ((await failure(test)) !== undefined) {
          await shim.tearDown(found).catch(() => undefined);
          return { kind: "killed", id, by: test.name, isSpoilt: false };
        }
      }
      await shim.tearDown(found).catch(() => undefined);
    }
    return { kind: "survived", id };
  } finally {
    active = 0;
  }
}
