import type { Result } from "@bezant/protocol";
import type { HttpOptions } from "@bezant/service/http";
import type { Command } from "commander";
import type { Cli } from "../cli.ts";
import { EXIT } from "../exit-codes.ts";
import { Failure } from "../failure.ts";
import type { Json } from "../output.ts";
import { untilToldToEnd } from "../until-told.ts";

type Refused = { readonly message: string };

/** The three steps from a configuration file to a server that listens, as each institution's package has them. */
export type Server<
  C,
  O extends { readonly http?: HttpOptions | undefined },
  R extends Listening,
> = {
  /** What it is, as in "a provider's". */
  readonly whose: string;
  /** The command that has written the file, and an example of one. */
  readonly config: string;
  readonly example: string;
  readonly read: (file: string) => Promise<Result<C, Refused>>;
  readonly load: (config: C, env: Cli["env"]) => Promise<Result<O, Refused>>;
  readonly start: (options: O) => Promise<Result<R, Refused>>;
  /** Who listens now: a sentence's subject, and fields. */
  readonly who: (
    running: R,
  ) => readonly [subject: string, fields: { readonly [key: string]: Json }];
};

type Listening = { readonly url: string; readonly close: () => Promise<void> };
type Options = { readonly config: string; readonly attached?: boolean };

/** `bezant … serve`: an institution's server, until it is told to stop. */
export function addServeCommand<
  C,
  O extends { readonly http?: HttpOptions | undefined },
  R extends Listening,
>(group: Command, cli: Cli, server: Server<C, O, R>): void {
  group
    .command("serve")
    .description(
      `run ${server.whose} server, with its own PostgreSQL unless DATABASE_URL names one`,
    )
    .requiredOption("--config <file>", `the file that \`${server.config}\` wrote`)
    .option("--attached", "also stop when standard input ends")
    .addHelpText(
      "after",
      "\nSIGHUP has it read the files of its TLS roots and revocation lists again at once." +
        `\n\nExample:\n  ./bezant ${server.example}`,
    )
    .action(async ({ config: file, attached = false }: Options) => {
      const told = untilToldToEnd({ attached, reads: true });
      const config = await server.read(file);
      if (!config.ok) throw new Failure(config.error.message, EXIT.usage);
      const options = await server.load(config.value, cli.env);
      if (!options.ok) throw new Failure(options.error.message);
      const started = await server.start(logToStderr(options.value));
      if (!started.ok) throw new Failure(started.error.message);
      const { url, close } = started.value;
      const [subject, fields] = server.who(started.value);
      cli.output.result(
        `${subject} at ${url}; its API is described at ${url}/docs. Ctrl-C stops it.`,
        { event: "listening", url, ...fields },
      );
      await told;
      cli.output.progress("Stopping: what is under way is finished first.");
      await close();
      cli.output.result("Stopped.", { event: "stopped" });
    });
}

/** Standard output is for the results of the command. */
function logToStderr<O extends { readonly http?: HttpOptions | undefined }>(options: O): O {
  const { http } = options;
  if (http?.log === undefined) return options;
  const stream = { write: (line: string) => void process.stderr.write(line) };
  return { ...options, http: { ...http, log: { ...http.log, stream } } };
}
