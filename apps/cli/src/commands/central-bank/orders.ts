import { randomBytes } from "node:crypto";
import {
  formatAmount,
  toHex,
  type Amount,
  type Counter,
  type Currency,
  type ProviderId,
  type ReserveOrder,
} from "@bezant/protocol";
import type { Command } from "commander";
import type { Cli } from "../../cli.ts";
import {
  amountOption,
  balanceOption,
  counterOption,
  institutionOption,
  orderIdOption,
} from "../../options.ts";
import { bankOperatorOf, bankOptions, type BankOptions } from "./operator-options.ts";

type Options = BankOptions & { readonly orderId?: Uint8Array };
type Unnumbered<T> = T extends ReserveOrder ? Omit<T, "orderId"> : never;
type Order = Unnumbered<ReserveOrder>;

const EXAMPLE_OPTIONS = "--url http://127.0.0.1:8070 --key operator";

/** `bezant central-bank order …`: each order has an id, under which it counts once. */
export function addOrders(bank: Command, cli: Cli): void {
  const orders = bank.command("order").description("what the central bank's operator orders");
  const add = (name: string, description: string, example: string): Command =>
    bankOptions(orders.command(name).description(description))
      .option(
        "--order-id <hex>",
        "to repeat an order whose answer was lost; otherwise a new one",
        orderIdOption,
      )
      .addHelpText(
        "after",
        `\nExample:\n  ./bezant central-bank order ${example} ${EXAMPLE_OPTIONS}`,
      );

  for (const [kind, description] of [
    ["issue", "make money, and credit it to a provider's reserves"],
    ["redeem", "take money out of a provider's reserves, and unmake it"],
    ["allow", "raise a provider's deposit allowance to this cumulative amount"],
  ] as const) {
    add(kind, description, `${kind} aurum 1000.00`)
      .argument("<provider>", "the provider's id", institutionOption)
      .argument("<amount>", "like 12.50", amountOption)
      .action((provider: ProviderId, amount: Amount, options: Options) =>
        carryOut(cli, options, { kind, provider, amount }),
      );
  }
  add("open", "open a provider's accounts, or open them again", "open aurum --limit 5000.00")
    .argument("<provider>", "the provider's id", institutionOption)
    .requiredOption("--limit <amount>", "what it may prefund deposits with at most", balanceOption)
    .action((provider: ProviderId, options: Options & { readonly limit: Amount }) =>
      carryOut(cli, options, { kind: "open", provider, limit: options.limit }),
    );
  add("suspend", "let a provider only report and return", "suspend aurum")
    .argument("<provider>", "the provider's id", institutionOption)
    .action((provider: ProviderId, options: Options) =>
      carryOut(cli, options, { kind: "suspend", provider }),
    );
  add("close-window", "close a settlement window and post what it comes to", "close-window 1")
    .argument("<n>", "the window's number, as `supply` shows it", counterOption)
    .action((window: Counter, options: Options) =>
      carryOut(cli, options, { kind: "close-window", window }),
    );
}

async function carryOut(cli: Cli, options: Options, order: Order): Promise<void> {
  const operator = await bankOperatorOf(cli, options);
  const orderId = options.orderId ?? randomBytes(16);
  await operator.order({ ...order, orderId });
  const { kind } = order;
  const fields = {
    ...("provider" in order ? { provider: order.provider } : {}),
    ...("amount" in order ? { amount: `${order.amount}` } : {}),
    ...("limit" in order ? { limit: `${order.limit}` } : {}),
    ...("window" in order ? { window: `${order.window}` } : {}),
  };
  const sentence = sentenceOf(order, operator.currency);
  cli.output.result(sentence, { kind, ...fields, orderId: toHex(orderId) });
}

function sentenceOf(order: Order, currency: Currency): string {
  switch (order.kind) {
    case "issue":
      return `Issued ${formatAmount(order.amount, currency)} into the reserves of ${order.provider}.`;
    case "redeem":
      return `Redeemed ${formatAmount(order.amount, currency)} from the reserves of ${order.provider}.`;
    case "allow":
      return `${order.provider} may have confirmed deposits of ${formatAmount(order.amount, currency)} in total.`;
    case "open":
      return `${order.provider} is open; it may prefund deposits with ${formatAmount(order.limit, currency)}.`;
    case "suspend":
      return `${order.provider} is suspended: it can report and return, and nothing else.`;
    case "close-window":
      return `Settlement window ${order.window} is closed and posted.`;
  }
}
