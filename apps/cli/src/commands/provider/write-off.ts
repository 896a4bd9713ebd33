import { randomBytes } from "node:crypto";
import { amount as toAmount, formatAmount, toHex, type Amount } from "@bezant/protocol";
import type { Command } from "commander";
import type { Cli } from "../../cli.ts";
import { Failure } from "../../failure.ts";
import { amountOption, orderIdOption } from "../../options.ts";
import { operatorOf, operatorOptions, type OperatorOptions } from "./operator-options.ts";

type Options = OperatorOptions & { readonly orderId?: Uint8Array };

/** `bezant provider write-off`: what a restore has lost and nobody brings back becomes the provider's own loss. */
export function addWriteOff(provider: Command, cli: Cli): void {
  operatorOptions(
    provider
      .command("write-off")
      .description("give up deposits that a restore has lost, as the provider's own loss")
      .argument("[amount]", "like 12.50; all that is missing, if absent", amountOption),
  )
    .option("--order-id <id>", "32 hexadecimal digits, to repeat an order", orderIdOption)
    .addHelpText(
      "after",
      "\nExample:\n  ./bezant provider write-off 12.50 --url http://127.0.0.1:8080 --key operator\n\n" +
        "After a restore from a backup the reports lag behind by what is missing until syncs have brought it back. For a device\n" +
        "that will never synchronise again, give up what it had deposited: the reports catch up with the next settling, and the audits name\n" +
        "the loss. If the device synchronises after all, the loss is taken back. An order counts once for its id.",
    )
    .action(async (asked: Amount | undefined, options: Options) => {
      const operator = await operatorOf(cli, options);
      const { currency } = operator;
      const format = (x: Amount): string => formatAmount(x, currency);
      const lost = async () => (await operator.supply(cli.now())).settlement.lost;
      if (asked === undefined && options.orderId !== undefined) {
        throw new Failure("To repeat an order, give its amount too. Nothing was written off.");
      }
      const amount = asked ?? toAmount(BigInt((await lost()).missing));
      if (amount === 0n) {
        cli.output.result("Nothing is missing, so nothing was written off.", {
          amount: "0",
          currency,
        });
        return;
      }
      const orderId = options.orderId ?? randomBytes(16);
      await operator.writeOff({ orderId, amount });
      const { missing, writtenOff } = await lost();
      cli.output.result(
        `Written off: ${format(amount)}. In all ${format(toAmount(BigInt(writtenOff)))} are the provider's own loss now, ` +
          `and ${format(toAmount(BigInt(missing)))} are still missing. Settle now: ./bezant provider settle`,
        { orderId: toHex(orderId), amount: `${amount}`, currency, missing, writtenOff },
      );
    });
}
