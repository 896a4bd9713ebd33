// `npm test`: the gate, then every test with coverage, then one line that counts both.
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

const root = dirname(import.meta.dirname);
const args = process.argv.slice(2).filter((it) => it !== "--quick");
const quick = args.length < process.argv.length - 2;

const gate = quick ? { passed: 0, failed: 0 } : check();
const tests = runVitest();
if (!quick && args.length === 0) printCoverage();

const passed = gate.passed + tests.passed;
const failed = gate.failed + tests.failed;
const skipped = tests.skipped === 0 ? "" : `, ${tests.skipped} skipped`;
console.log(`\n${passed} passed, ${failed} failed${skipped}`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;

function runVitest(): Counts {
  const folder = mkdtempSync(join(tmpdir(), "bezant-test-"));
  const report = join(folder, "counts.json");
  const { status } = spawnSync("vitest", ["run", ...(quick ? [] : ["--coverage"]), ...args], {
    cwd: root,
    stdio: "inherit",
    env: { ...process.env, BEZANT_TEST_COUNTS: report },
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
