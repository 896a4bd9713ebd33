import { seconds, type Amount, type Counter, type PayeeClass } from "@bezant/protocol";
import type { Requested } from "@bezant/wallet";
import { Option, type Command } from "commander";
import type { Cli } from "../../cli.ts";
import { amountOption, countOption, counterOption } from "../../options.ts";
import {
  walletCommand,
  withWallet,
  type Session,
  type WalletOptions,
} from "../../wallet/command.ts";
import { needPlace, OUT, writeMessage } from "../../wallet/messages.ts";
import { refusedByWallet } from "../../wallet/refused.ts";

type Terms = {
  readonly as?: PayeeClass;
  readonly minutes?: number;
  readonly replaces?: Counter;
  readonly withChain?: true;
};
export type RequestOptions = WalletOptions & Terms;

type CancelOptions = WalletOptions & { readonly as?: PayeeClass; readonly out: string };

/** `bezant wallet request` and `cancel`: asking for money, and no longer asking. */
export function addRequest(group: Command, cli: Cli): void {
  const request = walletCommand(group, "request", {
    description: "ask for a payment (Figure 7); hand the message to the payer",
    example: "request 5.00 --wallet w --out request.txt",
  }).argument("<amount>", "like 12.50", amountOption);
  requestOptions(request)
    .option("--with-chain", "also for payers of other providers who have not met this one")
    .option(...OUT)
    .action(async (amount: Amount, options: RequestOptions & { readonly out: string }) => {
      needPlace(options.out);
      await withWallet(cli, options, async (session) => {
        const { r, payee, payeeClass, message } = await ask(session, cli, amount, options);
        const fields = {
          sentence: `Request ${r} for ${session.format(amount)}.`,
          r: `${r}`,
          payee,
          payeeClass,
          amount: `${amount}`,
          currency: session.settings.currency,
        };
        const status = session.need(await session.wallet.staple(message));
        await writeMessage(cli, options.out, message, fields, status);
      });
    });

  walletCommand(group, "cancel", {
    description:
      "end an open request; what is paid for it all the same is not taken, and goes back",
    example: "cancel 3 --wallet w --out void.txt",
  })
    .argument("<r>", "number of the request", counterOption)
    .addOption(asOption())
    .option(...OUT)
    .action(async (r: Counter, options: CancelOptions) => {
      needPlace(options.out);
      await withWallet(cli, options, async ({ wallet, need }) => {
        const { ta, registered } = need(await wallet.status());
        const payee = (options.as === "wallet" ? undefined : ta) ?? registered?.wallet;
        if (payee === undefined) throw refusedByWallet({ code: "not-registered" });
        const { ended, outcome } = need(await wallet.cancel({ payee, r }));
        // The payer may not have heard of it: what is paid all the same comes back.
        const sentence = `Request ${r} is ended: nothing that is paid for it now is taken.`;
        const fields = { r: `${r}`, ended };
        if (outcome === undefined) {
          cli.output.result(
            `${sentence} Who pays it all the same gets the money back when you decline the payment.`,
            fields,
          );
          return;
        }
        const how = `${sentence} With this outcome a payer who has paid it gets the money back.`;
        await writeMessage(cli, options.out, outcome, { sentence: how, ...fields });
      });
    });
}

/** What is asked for, and how. */
export function requestOptions(command: Command): Command {
  return command
    .addOption(asOption())
    .option("--minutes <n>", "how long it may be paid; otherwise there is no end", countOption)
    .option("--replaces <r>", "an open request that this one takes the place of", counterOption);
}

function asOption(): Option {
  return new Option(
    "--as <payee>",
    "ta: the device is paid; wallet: the wallet, which claims later",
  )
    .choices(["ta", "wallet"])
    .default(undefined, "the device, if there is one");
}

/** `RequestPayment` with the terms of the command line. */
export async function ask(
  { wallet, need }: Session,
  cli: Cli,
  amount: Amount,
  { as, minutes, replaces, withChain }: Terms,
): Promise<Requested> {
  const expires = minutes === undefined ? undefined : seconds(cli.now() + 60 * minutes);
  return need(await wallet.requestPayment({ amount, as, expires, replaces, withChain }));
}
