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
    .option("--revocations-known", "whoever was revoked after the backup is revoked again")
    .addHelpText(
      "after",
      "\nExample:\n  ./bezant provider restored --url http://127.0.0.1:8080 --key operator\n\n" +
        "Until its second sync the client of each device only reads. The next settling goes on after the last report that\n" +
        "the central bank has; what the ledger has forgotten shows in the audit until syncs have brought it back. No status list is published until\n" +
        "you have revoked again whoever was revoked after the backup, and said so with --revocations-known.",
    )
    .action(async (options: OperatorOptions & { readonly revocationsKnown?: boolean }) => {
      const operator = await operatorOf(cli, options);
      const { tas } = await operator.restored(cli.now(), options.revocationsKnown === true);
      cli.output.result(
        `The ledger counts as restored: ${tas} devices have to synchronise twice. Settle now: ./bezant provider settle`,
        { tas },
      );
    });
}
