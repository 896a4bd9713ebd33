import type { TaId } from "@bezant/protocol";
import type { Command } from "commander";
import type { Cli } from "../../cli.ts";
import { EXIT } from "../../exit-codes.ts";
import { Failure } from "../../failure.ts";
import { taIdOption, urlOption } from "../../options.ts";
import { confirm, isInteractive } from "../../terminal.ts";
import { commandOn, walletCommand, withWallet, type WalletOptions } from "../../wallet/command.ts";

/** `bezant wallet register`, `register-ta`, `retire` and `report-lost`: Figures 2 and 3, and the end of a TA. */
export function addRegister(group: Command, cli: Cli): void {
  walletCommand(group, "register", {
    description: "become a client of the provider (Figure 2); again: fetch the certificate",
    example: "register --wallet w",
  })
    .option("--provider <url>", "where the provider serves, if it has moved", urlOption)
    .action(async ({ provider: moved, ...options }: WalletOptions & { provider?: string }) => {
      await withWallet(cli, options, async ({ wallet, settings, need }) => {
        const url = moved ?? settings.provider;
        const { provider, wallet: id } = need(await wallet.register({ url }));
        cli.output.result(`Registered with ${provider} as ${id}.`, { provider, client: id, url });
      });
    });

  walletCommand(group, "register-ta", {
    description: "have the secure device attested and certified (Figure 3); again: renew",
    example: "register-ta --wallet w",
  }).action(async (options: WalletOptions) => {
    await withWallet(cli, options, async ({ wallet, need }) => {
      const { ta } = need(await wallet.registerTa());
      const { device } = need(await wallet.status());
      const isBare = device?.ok === true && !device.value.pinSet && device.value.balance === 0n;
      const hint = isBare
        ? "\nSet its PIN now, before the first deposit; later only the provider could allow it: " +
          commandOn(options, "set-pin")
        : "";
      cli.output.result(`The device's trusted application is certified, as ${ta}.${hint}`, { ta });
    });
  });

  walletCommand(group, "retire", {
    description: "end the device's trusted application, which must be empty",
    example: "retire --wallet w",
  }).action(async (options: WalletOptions) => {
    await withWallet(cli, options, async ({ wallet, need }) => {
      const { ta } = need(await wallet.retire());
      cli.output.result(`Retired ${ta}. The device can be registered anew.`, {
        ta,
        retired: true,
      });
    });
  });

  walletCommand(group, "report-lost", {
    description:
      "report the device lost or stolen: its provider revokes it for good; works without the device",
    example: "report-lost --wallet w",
  })
    .option("--ta <id>", "another device of yours than this wallet's last one", taIdOption)
    .option("--yes", "do not ask")
    .action(async (options: WalletOptions & { readonly ta?: TaId; readonly yes?: true }) => {
      if (options.yes !== true && !isInteractive()) {
        throw new Failure("Nobody can be asked here: say --yes. No money has moved.", EXIT.usage);
      }
      await withWallet(cli, options, async ({ wallet, need }) => {
        const question = "Revoke the device? This cannot be taken back.";
        if (options.yes !== true && !(await confirm(question))) {
          throw new Failure("Nothing was reported. No money has moved.");
        }
        const { ta } = need(await wallet.reportLost(options.ta));
        cli.output.result(
          `${ta} is revoked: it gets no new deposits, and what it pays from now on its payees' providers look at first. If the device turns up, what it holds can still be withdrawn.`,
          { ta, revoked: true },
        );
      });
    });
}
