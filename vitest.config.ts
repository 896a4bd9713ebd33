import { defineConfig } from "vitest/config";
import { SlowFirst } from "./scripts/slow-first.ts";

export default defineConfig({
  test: {
    include: [
      "{packages,apps}/*/test/**/*.test.ts",
      "{bench,hardening,examples,model,fuzz}/test/**/*.test.ts",
    ],
    // Processes, since tests start others, that go on from file to file: to load the same modules for each took as long as most tests.
    pool: "forks",
    isolate: false,
    setupFiles: "./packages/service/test/support/remove-folders.ts",
    // One more than cores that are common: much of a test is waiting for disks, sockets and other processes.
    maxWorkers: 3,
    // Not a speed limit: only what hangs reaches these.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    globalSetup: "./packages/service/test/support/shared-server.ts",
    sequence: { sequencer: SlowFirst },
    reporters: ["default", "./scripts/counts-reporter.ts"],
    coverage: {
      provider: "v8",
      reportOnFailure: true,
      // What money depends on most; scripts/test.ts prints one line for each.
      include: [
        "packages/{protocol,trusted-app,tee}/src/**/*.ts",
        "packages/provider/src/ledger/**/*.ts",
      ],
      reporter: ["json-summary", "html"],
      reportsDirectory: "coverage",
    },
  },
});
