import { loadConfig, readConfig, startCentralBank, type StartOptions } from "@bezant/central-bank";
import type { Command } from "commander";
import type { Cli } from "../../cli.ts";
import { EXIT } from "../../exit-codes.ts";
import { Failure } from "../../failure.ts";
import { untilToldToEnd } from "../../until-told.ts";

type Options = { readonly config: string; readonly attached?: boolean };

/** `bezant central-bank serve`: the service, until it is told to stop. */
export function addServe(bank: Command, cli: Cli): void {
  bank
    .command("serve")
    .description("run the service, with its own PostgreSQL unless DATABASE_URL names one")
    .requiredOption("--config <file>", "the file that `central-bank init` wrote")
    .option("--attached", "also stop when standard input ends")
    .addHelpText("after", "\nExample:\n  ./bezant central-bank serve --config central-bank.json")
    .action(async ({ config: file, attached = false }: Options) => {
      const told = untilToldToEnd({ attached });
      const config = await readConfig(file);
      if (!config.ok) throw new Failure(config.error.message, EXIT.usage);
      const options = await loadConfig(config.value, cli.env);
      if (!options.ok) throw new Failure(options.error.message);
      const started = await startCentralBank(logToStderr(options.value));
      if (!started.ok) throw new Failure(started.error.message);
      const { url, close, centralBank } = started.value;
      const { id, currency } = centralBank.info;
      cli.output.result(
        `The central bank ${id} serves ${currency} at ${url}; its API is described at ${url}/docs. Ctrl-C stops it.`,
        { event: "listening", url, centralBank: id, currency },
      );
      await told;
      cli.output.progress("Stopping: what is under way is finished first.");
      await close();
      cli.output.result("Stopped.", { event: "stopped" });
    });
}

/** Standard output is for the results of the command. */
function logToStderr(options: StartOptions): StartOptions {
  const { http } = options;
  if (http?.log === undefined) return options;
  const stream = { write: (line: string) => void process.stderr.write(line) };
  return { ...options, http: { ...http, log: { ...http.log, stream } } };
}
