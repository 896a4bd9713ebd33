// The samples in READMEs compile: every block of TypeScript becomes a module, whose statements stand in one async function.
// What a sample takes for granted is declared in an HTML comment above it, which begins with "given".
import { globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { spawnSync } from "node:child_process";
import { dirname, join } from "node:path";
import process from "node:process";

const root = dirname(import.meta.dirname);
const folder = join(root, ".bezant", "samples");

const BLOCK = /(?:^<!-- given\n(?<given>(?:(?!-->)[^])*?)-->\n\n?)?^```ts\n(?<code>[^]*?)^```$/gm;
const IMPORT = /^import [^;]*;\n?/gm;

rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
writeFileSync(
  join(folder, "tsconfig.json"),
  JSON.stringify({
    extends: join(root, "tsconfig.base.json"),
    // Samples show what a call gives without always using it, and stop where their reader goes on.
    compilerOptions: { noUnusedLocals: false, noImplicitReturns: false },
    include: ["*.ts"],
  }),
);

const readmes = globSync("{README.md,*/README.md,*/*/README.md,docs/*.md}", {
  cwd: root,
  exclude: ["node_modules/**"],
}).toSorted();
const samples = readmes.flatMap((readme) => {
  const text = readFileSync(join(root, readme), "utf8");
  return [...text.matchAll(BLOCK)].map(({ groups = {}, index }) => {
    const line = text.slice(0, index).split("\n").length;
    const { given = "", code = "" } = groups;
    return { name: `${readme.replaceAll("/", "+")}+${line}.ts`, module: moduleOf(given, code) };
  });
});
for (const { name, module } of samples) writeFileSync(join(folder, name), module);

const compiled = spawnSync("tsc", ["-p", folder], { encoding: "utf8", cwd: folder });
process.stdout.write(compiled.stdout);
process.stderr.write(compiled.error?.message ?? compiled.stderr);
console.log(`${samples.length} samples of ${readmes.length} documents.`);
process.exitCode = compiled.status === 0 && samples.length > 0 ? 0 : 1;

/** Imports may stand once only: those of the sample, then those of what is given. */
function moduleOf(given: string, code: string): string {
  const imports = [code, given].flatMap((text) => text.match(IMPORT) ?? []).join("");
  const rest = given.replaceAll(IMPORT, "");
  const body = code.replaceAll(IMPORT, "");
  return `${imports}${rest}\nexport async function sample() {\n${body}}\n`;
}
