// package-lock.json must serve every machine: each dependency that a locked package names is locked too
// (npm leaves out optional ones for other platforms when a registry lacks them, and `npm ci` then
// refuses), and no entry is tied to one registry's address.
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import process from "node:process";

interface Entry {
  version?: string;
  link?: boolean;
  resolved?: string;
  dependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
}

const file = join(dirname(import.meta.dirname), "package-lock.json");
const { packages } = JSON.parse(readFileSync(file, "utf8")) as { packages: Record<string, Entry> };

const problems = Object.entries(packages).flatMap(([path, entry]) => [
  ...(entry.resolved !== undefined && entry.link !== true
    ? [`${path}: names a registry; .npmrc asks for none`]
    : []),
  ...Object.entries({ ...entry.dependencies, ...entry.optionalDependencies })
    .filter(([name, range]) => !isLocked(path, name, range))
    .map(([name, range]) => `${path}: its dependency ${name}@${range} is not locked`),
]);

for (const problem of problems) console.log(problem);
process.exitCode = problems.length === 0 ? 0 : 1;

/** Looks where Node would: beside the package, then in each folder above it. */
function isLocked(path: string, name: string, range: string): boolean {
  for (let folder = path; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf("/")))) {
    const found = packages[`${folder === "" ? "" : `${folder}/`}node_modules/${name}`];
    if (found !== undefined) {
      const isExact = /^\d/.test(range);
      return found.link === true || !isExact || found.version === range;
    }
    if (folder === "") return false;
  }
}
