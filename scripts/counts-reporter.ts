// A vitest reporter that only counts, for the closing line of `npm test` (scripts/test.ts).
import { writeFileSync } from "node:fs";
import process from "node:process";
import type { Reporter, TestModule } from "vitest/node";

export default class CountsReporter implements Reporter {
  /** A file that could not be loaded holds no tests, yet counts as one that failed. */
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const path = process.env["BEZANT_TEST_COUNTS"];
    if (path === undefined) return;
    let passed = 0;
    let failed = unhandledErrors.length;
    let skipped = 0;
    for (const module of modules) {
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        if (state === "passed") passed += 1;
        if (state === "failed") failed += 1;
        if (state === "skipped") skipped += 1;
      }
      failed += module.errors().length;
    }
    writeFileSync(path, JSON.stringify({ passed, failed, skipped }));
  }
}
