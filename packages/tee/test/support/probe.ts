// Runs as the trusted OS does, and tries what it must not be able to do. Prints what happened, as one JSON line.
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { createConnection, createServer } from "node:net";
import process from "node:process";
import { Worker } from "node:worker_threads";
import { dropPermissions, isConfined } from "../../src/process/confinement.ts";

const [inside = "", outside = "", socket = ""] = process.argv.slice(2);

function attempt(action: () => unknown): string {
  try {
    action();
    return "done";
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? String(error);
  }
}

function connect(): Promise<string> {
  return new Promise((settle) => {
    try {
      const connection = createConnection(socket, () => {
        connection.destroy();
        settle("done");
      });
      connection.on("error", (error: NodeJS.ErrnoException) => settle(error.code ?? ""));
    } catch (error) {
      settle((error as NodeJS.ErrnoException).code ?? String(error));
    }
  });
}

const server = createServer().listen(socket);
await once(server, "listening");
const tries = {
  confined: String(isConfined()),
  readInside: attempt(() => readFileSync(inside)),
  writeInside: attempt(() => writeFileSync(inside, "new")),
  readOutside: attempt(() => readFileSync(outside)),
  writeOutside: attempt(() => writeFileSync(outside, "new")),
  writeCode: attempt(() => writeFileSync(`${import.meta.dirname}/../../src/index.ts.new`, "")),
  child: attempt(() => spawnSync("true")),
  worker: attempt(() => new Worker("0", { eval: true })),
  // oxlint-disable-next-line typescript/no-implied-eval, typescript/no-unsafe-call -- the very thing to be denied
  code: attempt(() => new Function("return 1")()),
  connect: await connect(),
};
dropPermissions();
const dropped = {
  readInsideDropped: attempt(() => readFileSync(inside)),
  writeInsideDropped: attempt(() => writeFileSync(inside, "newer")),
  connectDropped: await connect(),
};
process.stdout.write(`${JSON.stringify({ ...tries, ...dropped })}\n`);
server.close();
