import type { Amount, Result } from "@bezant/protocol";
import type { Balance, OnlineBalance, WalletRefusal } from "@bezant/wallet";
import type { Command } from "commander";
import type { Cli } from "../../cli.ts";
import { table } from "../../table.ts";
import {
  walletCommand,
  withWallet,
  type Session,
  type WalletOptions,
} from "../../wallet/command.ts";
import { refusedByWallet } from "../../wallet/refused.ts";

type Options = WalletOptions & { readonly offline?: true };

/** `bezant wallet balance`: where this wallet's money is. */
export function addBalance(group: Command, cli: Cli): void {
  walletCommand(group, "balance", {
    description: "show where this wallet's money is",
    example: "balance --wallet w",
  })
    .option("--offline", "do not ask the provider")
    .action(async (options: Options) => {
      await withWallet(cli, options, async (session) => {
        const { wallet, need } = session;
        const own = need(await wallet.balance());
        const online = options.offline === true ? undefined : await wallet.onlineBalance();
        cli.output.result(text(session, own, online), fields(session, own, online));
      });
    });
}

type Online = Result<OnlineBalance, WalletRefusal> | undefined;

function text({ format, fault }: Session, own: Balance, online: Online): string {
  const rows: [string, string][] = [];
  if (online?.ok === true) rows.push(["online, at the provider", format(online.value.online)]);
  else if (online !== undefined)
    rows.push(["online, at the provider", `? ${titleOf(online.error)}`]);
  if (own.offline !== undefined) rows.push(["offline, in the device", format(own.offline)]);
  else if (own.device !== undefined)
    rows.push(["offline, in the device", `? ${titleOf(own.device)}`]);
  else if (fault !== undefined) rows.push(["offline, in the device", `? ${fault.title}`]);
  const suspense = online?.ok === true ? online.value.suspense : undefined;
  const rest = [
    ["received, to be claimed", own.claimable],
    ["on its way into the device", own.depositing],
    ["on its way to the provider", own.withdrawing],
    ["paid, without a final receipt", own.paid],
    ["to come back (refund)", own.refundable],
    ["kept by the provider (frozen or closed)", suspense],
  ] as const;
  for (const [name, value] of rest)
    if (value !== undefined && value > 0n) rows.push([name, format(value)]);
  return table(rows, [1]);
}

function titleOf(refusal: WalletRefusal): string {
  return refusedByWallet(refusal).explained.title;
}

function fields({ settings, fault }: Session, own: Balance, online: Online) {
  const money = (value: Amount | undefined): string | null =>
    value === undefined ? null : `${value}`;
  const isOnline = online?.ok === true;
  return {
    currency: settings.currency,
    online: isOnline ? money(online.value.online) : null,
    suspense: isOnline ? money(online.value.suspense) : null,
    status: isOnline ? online.value.status : null,
    offline: money(own.offline),
    claimable: money(own.claimable),
    paid: money(own.paid),
    refundable: money(own.refundable),
    withdrawing: money(own.withdrawing),
    depositing: money(own.depositing),
    ...(online?.ok === false ? { provider: online.error.code } : {}),
    ...(own.device === undefined && fault === undefined
      ? {}
      : { device: own.device?.code ?? fault?.code ?? null }),
  };
}
