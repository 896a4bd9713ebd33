// The layering: who may import whom. Declared dependencies are the architecture, so this reads every
// import of every workspace and compares it with package.json and with the graph below.
// Tests may use whatever their package declares; the graph is about the product.
import { existsSync, globSync, readFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import { dirname, join, relative, resolve } from "node:path";
import process from "node:process";
import { parseSync } from "oxc-parser";

const root = dirname(import.meta.dirname);

const graph: Record<string, string[]> = {
  "packages/protocol": [],
  "packages/pki": ["protocol"],
  "packages/service": ["protocol", "pki"],
  "packages/trusted-app": ["protocol", "pki"],
  "packages/tee": ["protocol", "pki", "trusted-app"],
  "packages/wallet": ["protocol", "pki", "trusted-app", "tee"],
  // Servers trust nothing of the devices, so they share only what both sides speak.
  "packages/provider": ["protocol", "pki", "service"],
  "packages/central-bank": ["protocol", "pki", "service"],
  "packages/manufacturer": ["protocol", "pki", "service"],
};
/** These stand on top of all layers; nothing of the product imports them. */
const tops = ["packages/testkit", "apps/", "bench", "hardening", "examples", "model", "fuzz"];

/** Packages whose source must run where there is no Node; the type check sees to the DOM. */
const withoutNode = ["packages/protocol"];

interface Manifest {
  name: string;
  workspaces?: string[];
  dependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
}

const problems: string[] = [];
let files = 0;

const { workspaces = [], devDependencies: rootTools } = manifest(".");
const folders = globSync(workspaces, { cwd: root }).filter((folder) =>
  existsSync(join(root, folder, "package.json")),
);
for (const folder of folders.toSorted()) checkWorkspace(folder);

for (const problem of problems) console.log(problem);
console.log(`${problems.length} problems in ${files} files of ${folders.length} workspaces.`);
process.exitCode = problems.length === 0 && files > 0 ? 0 : 1;

function checkWorkspace(folder: string): void {
  const { name, dependencies, optionalDependencies, devDependencies } = manifest(folder);
  const product = new Set([name, ...Object.keys({ ...dependencies, ...optionalDependencies })]);
  const tests = new Set([...product, ...Object.keys({ ...devDependencies, ...rootTools })]);
  checkPlace(folder, product);
  const sources = globSync("**/*.{ts,tsx,mts,js,mjs}", {
    cwd: join(root, folder),
    exclude: ["**/node_modules/**", "assembly/**", "coverage/**", "dist/**"],
  });
  for (const file of sources) {
    const isProduct = !/^(test|scripts)\/|\.config\.[cm]?[jt]s$/.test(file);
    checkFile(folder, file, isProduct ? product : tests, {
      noNode: isProduct && withoutNode.includes(folder),
    });
  }
}

/** What a workspace declares must lie below it. */
function checkPlace(folder: string, declared: Set<string>): void {
  if (tops.some((top) => folder.startsWith(top))) return;
  const below = graph[folder];
  if (below === undefined) {
    problems.push(`${folder}: has no place in the layers; give it one in scripts/layers.ts`);
    return;
  }
  const allowed = new Set([manifest(folder).name, ...below.map((name) => `@bezant/${name}`)]);
  for (const dependency of declared) {
    if (dependency.startsWith("@bezant/") && !allowed.has(dependency)) {
      problems.push(`${folder}/package.json: depends on ${dependency}, which is not below it`);
    }
  }
}

function checkFile(
  folder: string,
  file: string,
  declared: Set<string>,
  { noNode }: { noNode: boolean },
): void {
  files += 1;
  const path = join(root, folder, file);
  for (const { specifier, line } of importsOf(path)) {
    const at = `${folder}/${file}:${line}: imports ${specifier}`;
    if (specifier.startsWith(".")) {
      const target = relative(join(root, folder), resolve(dirname(path), specifier));
      if (target.startsWith("..")) {
        problems.push(`${at}, a file of another package; use its exports`);
      }
    } else if (isBuiltin(specifier)) {
      if (!specifier.startsWith("node:")) problems.push(`${at}; write node:${specifier}`);
      else if (noNode) problems.push(`${at}, but ${folder} must run without Node`);
    } else if (!declared.has(packageOf(specifier))) {
      problems.push(`${at}, which its package.json does not declare`);
    }
  }
}

/** Every specifier that a file imports, exports from or loads by `import()` of a literal. */
function importsOf(path: string): { specifier: string; line: number }[] {
  const text = readFileSync(path, "utf8");
  const { module, errors } = parseSync(path, text);
  if (errors[0] !== undefined) {
    problems.push(`${relative(root, path)}: does not parse: ${errors[0].message}`);
  }
  const requests = [
    ...module.staticImports.map((it) => it.moduleRequest),
    ...module.staticExports.flatMap((it) => it.entries.map((entry) => entry.moduleRequest)),
    ...module.dynamicImports.map((it) => it.moduleRequest),
  ];
  return requests.flatMap((request) => {
    if (request === null) return [];
    const literal = /^(["'`])([^"'`$]+)\1$/.exec(text.slice(request.start, request.end));
    const line = text.slice(0, request.start).split("\n").length;
    return literal?.[2] === undefined ? [] : [{ specifier: literal[2], line }];
  });
}

function packageOf(specifier: string): string {
  const length = specifier.startsWith("@") ? 2 : 1;
  return specifier.split("/").slice(0, length).join("/");
}

function manifest(folder: string): Manifest {
  return JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8")) as Manifest;
}
