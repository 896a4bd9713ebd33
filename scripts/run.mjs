// `node scripts/run.mjs PROGRAM [ARGUMENT…]`: sets up, then runs PROGRAM with the tools and the
// Node 26 of node_modules. Every script of package.json starts here, so each works on a fresh clone;
// with `exec`, so that who stops npm stops this and not a shell between them.
import { spawn } from "node:child_process";
import { constants } from "node:os";
import process from "node:process";
import { setUp, toolEnvironment } from "./setup.mjs";

setUp();
const [program, ...args] = process.argv.slice(2);
if (program === undefined) process.exit(0);

const child = spawn(program, args, { stdio: "inherit", env: toolEnvironment() });
child.on("error", (error) => {
  process.stderr.write(`${program}: ${error.message}\n`);
  process.exit(127);
});
child.on("exit", (code, signal) => {
  process.exit(code ?? 128 + constants.signals[signal ?? "SIGTERM"]);
});
// A terminal sends SIGINT to the child as well, so there we only wait for it to end in good order.
process.on("SIGINT", () => {});
process.on("SIGTERM", () => child.kill("SIGTERM"));
process.on("SIGHUP", () => child.kill("SIGHUP"));
