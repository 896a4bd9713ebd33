import type { Command } from "commander";
import type { Cli } from "../../cli.ts";
import { urlOption } from "../../options.ts";
import { walletCommand, withWallet, type WalletOptions } from "../../wallet/command.ts";

/** `bezant wallet register`, `register-ta` and `retire`: Figures 2 and 3, and the end of a TA. */
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
        ? "\nSet its PIN now, before the first deposit; later only the provider could allow it: ./bezant wallet set-pin --wallet …"
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
}
