import { globSync } from "node:fs";
import { join } from "node:path";

/** Which sources are mutated, and which tests are to find out. */
export type Target = {
  readonly sources: readonly string[];
  readonly tests: readonly string[];
  /** The sources are AssemblyScript: each mutant is a module of its own, compiled from this package. */
  readonly assembly?: string;
  /** What vitest sets up for a whole run: a PostgreSQL for each file, and again for each mutant, would take longer than the tests. */
  readonly setup: string;
};

const GLOBS: Readonly<
  Record<
    string,
    {
      readonly sources: string;
      readonly tests: readonly string[];
      readonly without?: RegExp;
      readonly assembly?: string;
    }
  >
> = {
  protocol: {
    sources: "packages/protocol/src/**/*.ts",
    tests: ["packages/protocol/test/**/*.test.ts"],
    // Reads the grammar with a checker of its own, for longer than all others together.
    without: /cddl\.test\.ts$/,
  },
  ledger: {
    sources: "packages/provider/src/ledger/**/*.ts",
    tests: [
      "packages/provider/test/{ledger,ledger-rules,claim,deposit,withdrawal,refund,online-payment}.test.ts",
    ],
  },
  tee: {
    sources: "packages/tee/src/**/*.ts",
    tests: ["packages/tee/test/*.test.ts"],
    without:
      /(?:process|measurement)\.test\.ts$|packages\/tee\/src\/process\/(?:main|confinement|privileges|spawn)\.ts$/,
  },
  "trusted-app-wasm": {
    sources: "packages/trusted-app/assembly/**/*.ts",
    tests: ["packages/trusted-app/test/{wasm,differential}/**/*.test.ts"],
    without: /module\.test\.ts$/,
    assembly: "packages/trusted-app",
  },
  "trusted-app": {
    sources: "packages/trusted-app/src/**/*.ts",
    tests: ["packages/trusted-app/test/**/*.test.ts"],
    without: /module\.test\.ts$/,
  },
};

export const PACKAGES = Object.keys(GLOBS);

export function targetOf(root: string, name: string): Target {
  const globs = GLOBS[name];
  if (globs === undefined) throw new Error(`no package ${name}`);
  const find = (pattern: string | readonly string[]): string[] =>
    globSync(pattern, { cwd: root })
      .filter((file) => globs.without?.test(file) !== true)
      .toSorted()
      .map((file) => join(root, file));
  const { assembly } = globs;
  return {
    sources: find(globs.sources),
    tests: find(globs.tests),
    setup: join(root, "packages/service/test/support/shared-server.ts"),
    ...(assembly === undefined ? {} : { assembly: join(root, assembly) }),
  };
}
