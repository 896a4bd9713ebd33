// The gate, `npm run check`: every step runs, then the failed ones are named.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import process from "node:process";

interface Step {
  name: string;
  command: [program: string, ...args: string[]];
  remedy?: string;
}

const steps: Step[] = [
  { name: "format", command: ["oxfmt", "--check"], remedy: "npm run format" },
  { name: "lint", command: ["oxlint"], remedy: "npm run lint -- --fix mends some" },
  { name: "types", command: ["tsc", "--noEmit"] },
  // The protocol must compile where there is neither Node nor a browser.
  { name: "types of protocol", command: ["tsc", "--noEmit", "-p", "packages/protocol/src"] },
  { name: "layers", command: ["node", "scripts/layers.ts"] },
  { name: "lockfile", command: ["node", "scripts/lockfile.ts"] },
  { name: "unused", command: ["knip"] },
];

/** Runs the gate; returns the number of steps that passed and failed. */
export function check(): { passed: number; failed: number } {
  const failed = steps.filter((step) => !passes(step));
  const names = failed.map(({ name, remedy }) =>
    remedy === undefined ? name : `${name} (${remedy})`,
  );
  console.log(names.length === 0 ? "The gate is green." : `The gate failed: ${names.join(", ")}.`);
  return { passed: steps.length - failed.length, failed: failed.length };
}

function passes({ name, command }: Step): boolean {
  const [program, ...args] = command;
  const started = performance.now();
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    cwd: join(import.meta.dirname, ".."),
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
  });
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  if (status === 0) {
    console.log(`ok      ${name} (${seconds} s)`);
    return true;
  }
  console.log(`FAILED  ${name} (${seconds} s): ${command.join(" ")}`);
  console.log([stdout, stderr, error?.message ?? ""].join("\n").trim());
  return false;
}

if (import.meta.main) process.exitCode = check().failed === 0 ? 0 : 1;
