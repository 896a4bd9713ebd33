// `npm test`: the gate, then every test, then one line that counts both. Coverage makes a test half as long again, so it is taken of
// the tests of those packages whose coverage is watched, and of them alone.
// `--quick` leaves out the gate and the coverage; other arguments go to vitest.
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import process from "node:process";
import { check } from "./check.ts";

interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

/** Tests that cover what is watched. The differential test, a long one, is done in full without, and a little of it here. */
const COVERED = [
  "packages/protocol/test/",
  ...["attacks", "figure4", "outcomes", "payment", "wasm"].map(
    (name) => `packages/trusted-app/test/${name}`,
  ),
  "packages/tee/test/",
  ...["ledger", "audit", "claim", "deposit", "withdrawal", "refund", "settlement", "sync"].map(
    (name) => `packages/provider/test/${name}`,
  ),
];
const DIFFERENTIAL = "packages/trusted-app/test/differential/";
const A_LITTLE = { BEZANT_SEED: "1", BEZANT_COMMANDS: "4000" };

const root = dirname(import.meta.dirname);
const args = process.argv.slice(2).filter((it) => it !== "--quick");
const quick = args.length < process.argv.length - 2;

const gate = quick ? { passed: 0, failed: 0 } : check();
const isWhole = !quick && args.length === 0;
const runs = isWhole ? [runCovered(), runOthers()] : [runVitest(args)];
if (isWhole) printCoverage();

const sumOf = (of: keyof Counts): number => runs.reduce((sum, counts) => sum + counts[of], 0);
const passed = gate.passed + sumOf("passed");
const failed = gate.failed + sumOf("failed");
const skipped = sumOf("skipped") === 0 ? "" : `, ${sumOf("skipped")} skipped`;
console.log(`\n${passed} passed, ${failed} failed${skipped}`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;

function runCovered(): Counts {
  return runVitest(["--coverage", ...COVERED, DIFFERENTIAL], A_LITTLE);
}

function runOthers(): Counts {
  return runVitest(COVERED.map((it) => `--exclude=${it}**`));
}

function runVitest(options: readonly string[], env: Readonly<Record<string, string>> = {}): Counts {
  const folder = mkdtempSync(join(tmpdir(), "bezant-test-"));
  const report = join(folder, "counts.json");
  const { status } = spawnSync("vitest", ["run", ...options], {
    cwd: root,
    stdio: "inherit",
    env: { ...process.env, ...env, BEZANT_TEST_COUNTS: report },
  });
  const counts = existsSync(report)
    ? (JSON.parse(readFileSync(report, "utf8")) as Counts)
    : { passed: 0, failed: 0, skipped: 0 };
  rmSync(folder, { recursive: true });
  // A run that vitest calls failed never counts as green, whatever the reason.
  if (status !== 0 && counts.failed === 0) counts.failed = 1;
  return counts;
}

/** One line for each package whose coverage we watch. */
function printCoverage(): void {
  const summary = join(root, "coverage", "coverage-summary.json");
  if (!existsSync(summary)) return;
  type Ratio = { covered: number; total: number };
  type FileCoverage = { lines: Ratio; branches: Ratio; functions: Ratio };
  const byFile = JSON.parse(readFileSync(summary, "utf8")) as Record<string, FileCoverage>;
  const watched = ["packages/protocol", "packages/trusted-app", "packages/tee"];
  console.log("\ncoverage, %               lines branches functions");
  for (const folder of [...watched, "packages/provider/src/ledger"]) {
    const files = Object.entries(byFile).filter(([path]) => path.startsWith(join(root, folder)));
    const percent = (kind: keyof FileCoverage): string => {
      const covered = files.reduce((sum, [, it]) => sum + it[kind].covered, 0);
      const total = files.reduce((sum, [, it]) => sum + it[kind].total, 0);
      return total === 0 ? "–" : ((100 * covered) / total).toFixed(1);
    };
    const name = folder.replace("packages/", "").replace("/src", "");
    console.log(
      name.padEnd(24),
      percent("lines").padStart(6),
      percent("branches").padStart(8),
      percent("functions").padStart(9),
    );
  }
}
