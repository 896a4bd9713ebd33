import { randomBytes } from "node:crypto";
import { formatAmount, toHex, type Amount, type TaId, type WalletId } from "@bezant/protocol";
import type { OperatorOrder } from "@bezant/provider";
import type { Command } from "commander";
import type { Cli } from "../../cli.ts";
import { amountOption, orderIdOption, taIdOption, walletIdOption } from "../../options.ts";
import type { Operator } from "../../provider/operator.ts";
import { operatorOf, operatorOptions, type OperatorOptions } from "./operator-options.ts";

type Options = OperatorOptions & { readonly orderId?: Uint8Array };
type Unnumbered<T> = T extends OperatorOrder ? Omit<T, "orderId"> : never;

const EXAMPLE_OPTIONS = "--url http://127.0.0.1:8080 --key operator";

/** What the operator orders. Each order has an id, under which it counts once. */
export function addOrders(provider: Command, cli: Cli): void {
  orderCommand(provider, "fund", "credit a client's online balance from the provider's reserves")
    .argument("<client>", "the client's wallet id", walletIdOption)
    .argument("<amount>", "like 12.50", amountOption)
    .addHelpText("after", `\nExample:\n  ./bezant provider fund 3f…a1 100.00 ${EXAMPLE_OPTIONS}`)
    .action(async (client: WalletId, amount: Amount, options: Options) => {
      await carryOut(cli, options, { kind: "fund", client, amount }, ({ currency }) => ({
        sentence: `Credited ${formatAmount(amount, currency)} to ${client}.`,
        amount: `${amount}`,
      }));
    });

  const states = {
    freeze: ["frozen", "let nothing leave a client's account; what arrives is kept in suspense"],
    open: ["open", "open a client's account, and release what is in suspense"],
    close: ["closed", "close a client's account; what still arrives is kept in suspense"],
  } as const;
  for (const [name, [status, description]] of Object.entries(states)) {
    orderCommand(provider, name, description)
      .argument("<client>", "the client's wallet id", walletIdOption)
      .addHelpText("after", `\nExample:\n  ./bezant provider ${name} 3f…a1 ${EXAMPLE_OPTIONS}`)
      .action(async (client: WalletId, options: Options) => {
        await carryOut(cli, options, { kind: "set-status", client, status }, () => ({
          sentence: `The account of ${client} is ${status}.`,
          status,
        }));
      });
  }

  orderCommand(provider, "unlock-pin", "clear a device's PIN at its next sync")
    .argument("<client>", "the client's wallet id", walletIdOption)
    .argument("<ta>", "id of the device's trusted application", taIdOption)
    .addHelpText(
      "after",
      `\nExample:\n  ./bezant provider unlock-pin 3f…a1 9b…07 ${EXAMPLE_OPTIONS}`,
    )
    .action(async (client: WalletId, ta: TaId, options: Options) => {
      await carryOut(cli, options, { kind: "unlock-pin", client, ta }, () => ({
        sentence: `The PIN of ${ta} is cleared when its wallet synchronises next.`,
        ta,
      }));
    });
}

function orderCommand(provider: Command, name: string, description: string): Command {
  return operatorOptions(provider.command(name).description(description)).option(
    "--order-id <hex>",
    "to repeat an order whose answer was lost; otherwise a new one",
    orderIdOption,
  );
}

async function carryOut(
  cli: Cli,
  options: Options,
  order: Unnumbered<OperatorOrder>,
  say: (operator: Operator) => { readonly sentence: string } & Record<string, string>,
): Promise<void> {
  const operator = await operatorOf(cli, options);
  const orderId = options.orderId ?? randomBytes(16);
  await operator.order({ ...order, orderId });
  const { sentence, ...fields } = say(operator);
  const { client } = order;
  cli.output.result(sentence, { client, ...fields, orderId: toHex(orderId) });
}
