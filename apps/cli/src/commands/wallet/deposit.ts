import type { Amount, InstitutionId, WalletId } from "@bezant/protocol";
import type { Command } from "commander";
import type { Cli } from "../../cli.ts";
import { EXIT } from "../../exit-codes.ts";
import { Failure } from "../../failure.ts";
import { amountOption, institutionOption, walletIdOption } from "../../options.ts";
import { commandOn, walletCommand, withWallet, type WalletOptions } from "../../wallet/command.ts";

/** Money between online balance and device, and between online balances. */
export function addDeposit(group: Command, cli: Cli): void {
  walletCommand(group, "deposit", {
    description:
      "move money from the online balance into the device (Figure 5); before the first one set a PIN: set-pin",
    example: "deposit 20.00 --wallet w",
  })
    .argument("<amount>", "like 12.50", amountOption)
    .action(async (amount: Amount, options: WalletOptions) => {
      await withWallet(cli, options, async ({ wallet, need, format, settings }) => {
        need(await wallet.deposit({ amount }));
        const { currency } = settings;
        cli.output.result(`${format(amount)} is in the device.`, { amount: `${amount}`, currency });
      });
    });

  walletCommand(group, "withdraw", {
    description: "move money from the device to the online balance (Figure 6)",
    example: "withdraw 20.00 --wallet w",
  })
    .argument("<amount>", "like 12.50", amountOption)
    .action(async (amount: Amount, options: WalletOptions) => {
      await withWallet(cli, options, async ({ wallet, need, format, settings }) => {
        const { w, credited } = need(await wallet.withdraw({ amount }));
        const { currency } = settings;
        const where = credited ? "is in the online balance" : "has left the device";
        cli.output.result(`${format(amount)} ${where}.`, {
          amount: `${amount}`,
          currency,
          w: `${w}`,
          credited,
        });
        if (credited) return;
        throw new Failure(
          `It is on its way: the provider has not acknowledged it yet. Nothing is lost; go on with: ${commandOn(options, "resume")}`,
          EXIT.pending,
        );
      });
    });

  walletCommand(group, "pay-online", {
    description: "pay another client from the online balance, of this provider or another one",
    example:
      "pay-online 3f…a1 5.00 --wallet w\n  ./bezant wallet pay-online 3f…a1 5.00 --provider beta --wallet w",
  })
    .argument("<receiver>", "the receiver's wallet id", walletIdOption)
    .argument("<amount>", "like 12.50", amountOption)
    .option("--provider <id>", "the receiver's provider, if it is another one", institutionOption)
    .action(async (receiver: WalletId, amount: Amount, options: PayOnlineOptions) => {
      await withWallet(cli, options, async ({ wallet, need, format, settings }) => {
        const { provider } = options;
        const paid = need(await wallet.payOnline({ amount, receiver, provider }));
        cli.output.result(`${SAID[paid.state]} ${format(amount)} to ${receiver}, online.`, {
          ...paid,
          amount: `${amount}`,
          currency: settings.currency,
        });
        if (paid.state === "settled") return;
        const { reason = "" } = paid;
        throw paid.state === "pending"
          ? new Failure(`${ON_ITS_WAY} ${commandOn(options, "resume")}`, EXIT.pending)
          : new Failure(`It came back, and is in the online balance again: ${reason}`);
      });
    });
}

type PayOnlineOptions = WalletOptions & { readonly provider?: InstitutionId };

const SAID = { settled: "Paid", pending: "On its way:", returned: "Not paid:" } as const;

const ON_ITS_WAY =
  "It has left the online balance and is on its way to the other provider. Nothing is lost; ask again with:";
