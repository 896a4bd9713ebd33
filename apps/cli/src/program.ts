import { Command } from "commander";
import type { Cli } from "./cli.ts";
import { addCa } from "./commands/ca/index.ts";

/** The whole command line. Commands are thin: each reads its options, calls one library function, and prints. */
export function createProgram(cli: Cli): Command {
  const program = new Command("bezant")
    .description(
      "Offline payments in central bank digital currency: every role and every operation.",
    )
    .option("--json", "print results as JSON, one line each")
    .showHelpAfterError("(bezant --help lists the commands)")
    .exitOverride();
  addCa(program, cli);
  return program;
}
