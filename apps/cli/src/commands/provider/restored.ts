import type { Command } from "commander";
import type { Cli } from "../../cli.ts";
import { operatorOf, operatorOptions, type OperatorOptions } from "./operator-options.ts";

/** `bezant provider restored`: what has to be said once after the database was restored from a backup. */
export function addRestored(provider: Command, cli: Cli): void {
  operatorOptions(
    provider
      .command("restored")
      .description("say that the database was restored from a backup, before anybody uses it"),
  )
    .addHelpText(
      "after",
      "\nExample:\n  ./bezant provider restored --url http://127.0.0.1:8080 --key operator\n\n" +
        "Until its second sync the client of each device only reads. The next settling goes on after the last report that\n" +
        "the central bank has; what the ledger has forgotten shows in the audit until syncs have brought it back.",
    )
    .action(async (options: OperatorOptions) => {
      const operator = await operatorOf(cli, options);
      const { tas } = await operator.restored(cli.now());
      cli.output.result(
        `The ledger counts as restored: ${tas} devices have to synchronise twice. Settle now: ./bezant provider settle`,
        { tas },
      );
    });
}
