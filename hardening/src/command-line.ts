import process from "node:process";

/** What `parseArgs` makes of a command line; of one that it does not take, this process ends with the reason and the help. */
export function orHelp<T>(help: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code?.startsWith("ERR_PARSE_ARGS") !== true) throw error;
    process.stderr.write(`${message}\n\n${help}`);
    process.exit(2);
  }
}

/** Of a run of so many rounds, which its seed decides. */
export const ROUNDS = {
  rounds: { type: "string", default: "20" },
  seed: { type: "string", default: "1" },
  json: { type: "boolean", default: false },
  help: { type: "boolean", default: false },
} as const;
