// `npm test`: the gate, then every test, then one line that counts both. Coverage makes a test half as long again, so it is taken of
// the tests of those packages whose coverage is watched, and of them alone.
// `--quick` leaves out the gate and the coverage; other arguments go to vitest.
import { spawn } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statfsSync } from "node:fs";
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

/** A file system in memory, on Linux; and the bytes that it should have free, some five times what the tests take. */
const MEMORY = "/dev/shm";
const ROOM = 8 * 2 ** 30;

const root = dirname(import.meta.dirname);
const args = process.argv.slice(2).filter((it) => it !== "--quick");
const quick = args.length < process.argv.length - 2;

const gate = quick ? { passed: 0, failed: 0 } : check();
const isWhole = !quick && args.length === 0;
const scratch = scratchFolder();
const runs = isWhole ? [await runCovered(), await runOthers()] : [await runVitest(args)];
rmSync(scratch, { recursive: true, force: true });
if (isWhole) printCoverage();

const sumOf = (of: keyof Counts): number => runs.reduce((sum, counts) => sum + counts[of], 0);
const passed = gate.passed + sumOf("passed");
const failed = gate.failed + sumOf("failed");
const skipped = sumOf("skipped") === 0 ? "" : `, ${sumOf("skipped")} skipped`;
console.log(`\n${passed} passed, ${failed} failed${skipped}`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;

function runCovered(): Promise<Counts> {
  return runVitest(["--coverage", ...COVERED, DIFFERENTIAL], A_LITTLE);
}

function runOthers(): Promise<Counts> {
  return runVitest(COVERED.map((it) => `--exclude=${it}**`));
}

async function runVitest(
  options: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Counts> {
  const report = join(scratch, "counts.json");
  rmSync(report, { force: true });
  const own = { BEZANT_TEST_COUNTS: report, TMPDIR: scratch };
  const status = await run("vitest", ["run", ...options], { ...process.env, ...env, ...own });
  const counts = existsSync(report)
    ? (JSON.parse(readFileSync(report, "utf8")) as Counts)
    : { passed: 0, failed: 0, skipped: 0 };
  // A run that vitest calls failed never counts as green, whatever the reason.
  if (status !== 0 && counts.failed === 0) counts.failed = 1;
  return counts;
}

/** Runs a program to its end, also when this one is told to stop: what it has made is removed then. */
function run(program: string, options: string[], env: NodeJS.ProcessEnv): Promise<number | null> {
  const child = spawn(program, options, { cwd: root, stdio: "inherit", env });
  const stop = (): void => void child.kill("SIGTERM");
  // A terminal sends SIGINT to the child as well.
  const wait = (): void => undefined;
  process.once("SIGTERM", stop).on("SIGINT", wait);
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (status) => {
      process.removeListener("SIGTERM", stop).removeListener("SIGINT", wait);
      resolve(status);
    });
  });
}

/**
 * Where tests keep databases and devices: in memory, where there is plenty of it. Each of their commits waits for the medium,
 * which on a disk takes longer than the tests do.
 */
function scratchFolder(): string {
  const isRoomy = existsSync(MEMORY) && roomIn(MEMORY) > ROOM;
  const folder = mkdtempSync(join(isRoomy ? MEMORY : tmpdir(), "bezant-"));
  // PostgreSQL runs as another user than root, and has to pass.
  chmodSync(folder, 0o711);
  return folder;
}

function roomIn(folder: string): number {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
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
