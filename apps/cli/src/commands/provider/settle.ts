import type { Command } from "commander";
import type { Cli } from "../../cli.ts";
import { EXIT } from "../../exit-codes.ts";
import { Failure } from "../../failure.ts";
import { operatorOf, operatorOptions, type OperatorOptions } from "./operator-options.ts";

/** `bezant provider settle`: has the provider settle with the central bank now. */
export function addSettle(provider: Command, cli: Cli): void {
  operatorOptions(
    provider
      .command("settle")
      .description("settle with the central bank now, as far as it answers"),
  )
    .addHelpText(
      "after",
      "\nExample:\n  ./bezant provider settle --url http://127.0.0.1:8080 --key operator",
    )
    .action(async (options: OperatorOptions) => {
      const operator = await operatorOf(cli, options);
      const settlement = await operator.settle(cli.now());
      const { reports, settled, returned, advices, forgotten, givenBack, failed } = settlement;
      cli.output.result(
        [
          `Reports accepted: ${reports}.`,
          `Payments to other providers: ${settled} arrived, ${returned} came back.`,
          `Payments from other providers: ${advices} booked, ${givenBack} given back.`,
          ...(forgotten === 0
            ? []
            : [`Payments to other providers from before the restore: ${forgotten} booked again.`]),
          ...failed.map(({ step, code }) => `Not done: ${step} (${code}).`),
        ].join("\n"),
        { ...settlement, failed: failed.map(({ step, code }) => ({ step, code })) },
      );
      if (failed.length === 0) return;
      throw new Failure(
        "Not everything was settled. What was begun is kept and nothing counts twice: settle again later.",
        EXIT.pending,
      );
    });
}
