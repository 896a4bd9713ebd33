// node packages/provider/src/main.ts CONFIG: runs a provider until it is told to stop.
import process from "node:process";
import { loadConfig } from "./server/load.ts";
import { readConfig } from "./server/config.ts";
import { startProvider } from "./server/start.ts";

const file = process.argv[2];
if (file === undefined) fail({ code: "usage", message: "main.ts CONFIG" });

const config = await readConfig(file);
if (!config.ok) fail(config.error);
const options = await loadConfig(config.value, process.env);
if (!options.ok) fail(options.error);
const started = await startProvider(options.value);
if (!started.ok) fail(started.error);
const { url, close } = started.value;
say({ event: "listening", url });

let isStopping = false;
for (const signal of ["SIGTERM", "SIGINT"] as const) {
  process.on(signal, () => {
    if (isStopping) return;
    isStopping = true;
    void close().then(() => say({ event: "stopped" }));
  });
}

function say(line: object): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

function fail(error: { readonly code: string; readonly message: string }): never {
  process.stderr.write(`${JSON.stringify(error)}\n`);
  process.exit(1);
}
