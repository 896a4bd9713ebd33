import { spawnSync } from "node:child_process";
import { join } from "node:path";
import process from "node:process";
import { expect, it } from "vitest";

const ROOT = join(import.meta.dirname, "../..");

const run = (main: string, ...args: readonly string[]) =>
  spawnSync(process.execPath, [join(ROOT, main), ...args], { encoding: "utf8" });

it.each([
  "hardening/durability.ts",
  "hardening/tiers.ts",
  "hardening/mutate.ts",
  "fuzz/main.ts",
  "model/main.ts",
  "bench/main.ts",
])("%s says how it is used, and so it does to who uses it otherwise", (main) => {
  const helped = run(main, "--help");
  expect(helped).toMatchObject({ status: 0, stderr: "" });
  expect(helped.stdout).toContain("npm run ");
  const wrong = run(main, "--no-such-thing");
  expect(wrong).toMatchObject({ status: 2, stdout: "" });
  expect(wrong.stderr).toContain("--no-such-thing");
  expect(wrong.stderr).toContain(helped.stdout);
});
