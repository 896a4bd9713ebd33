import { loadConfig, readConfig, startManufacturer, type StartOptions } from "@bezant/manufacturer";
import type { Command } from "commander";
import type { Cli } from "../../cli.ts";
import { EXIT } from "../../exit-codes.ts";
import { Failure } from "../../failure.ts";
import { untilToldToEnd } from "../../until-told.ts";

type Options = { readonly config: string; readonly attached?: boolean };

/** `bezant manufacturer serve`: a manufacturer's server, until it is told to stop. */
export function addServe(manufacturer: Command, cli: Cli): void {
  manufacturer
    .command("serve")
    .description(
      "run a manufacturer's server, with its own PostgreSQL unless DATABASE_URL names one",
    )
    .requiredOption("--config <file>", "the file that `manufacturer init` wrote")
    .option("--attached", "also stop when standard input ends")
    .addHelpText(
      "after",
      "\nExample:\n  ./bezant manufacturer serve --config maker/manufacturer.json",
    )
    .action(async ({ config: file, attached = false }: Options) => {
      const told = untilToldToEnd({ attached });
      const config = await readConfig(file);
      if (!config.ok) throw new Failure(config.error.message, EXIT.usage);
      const options = await loadConfig(config.value, cli.env);
      if (!options.ok) throw new Failure(options.error.message);
      const started = await startManufacturer(logToStderr(options.value));
      if (!started.ok) throw new Failure(started.error.message);
      const { url, close, manufacturer: running } = started.value;
      const { id } = running.info;
      cli.output.result(
        `The manufacturer ${id} serves at ${url}; its API is described at ${url}/docs. Ctrl-C stops it.`,
        { event: "listening", url, manufacturer: id },
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
