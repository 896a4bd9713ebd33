// The gate, `npm run check`: every step runs, then the failed ones are named.
// `npm run check -- types layers` runs only the steps whose names begin so.
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
  // AssemblyScript is another language: its own compiler checks the trusted application.
  {
    name: "trusted application",
    command: ["npm", "run", "--silent", "lint:ta", "-w", "packages/trusted-app"],
  },
  { name: "samples", command: ["node", "scripts/samples.ts"] },
  { name: "layers", command: ["node", "scripts/layers.ts"] },
  { name: "lockfile", command: ["node", "scripts/lockfile.ts"] },
  { name: "unused", command: ["knip"] },
];

/** Runs the gate, or some of its steps; returns how many passed and failed. */
export function check(only: string[] = []): { passed: number; failed: number } {
  const chosen = steps.filter(
    ({ name }) => only.length === 0 || only.some((it) => name.startsWith(it)),
  );
  const failed = chosen.filter((step) => !passes(step));
  const names = failed.map(({ name, remedy }) =>
    remedy === undefined ? name : `${name} (${remedy})`,
  );
  if (names.length > 0) console.log(`The gate failed: ${names.join(", ")}.`);
  else if (chosen.length === steps.length) console.log("The gate is green.");
  return { passed: chosen.length - failed.length, failed: failed.length };
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

if (import.meta.main) {
  const { passed, failed } = check(process.argv.slice(2));
  process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
}
