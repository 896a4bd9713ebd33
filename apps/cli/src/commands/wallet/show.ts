import type { Status } from "@bezant/wallet";
import type { Command } from "commander";
import type { Cli } from "../../cli.ts";
import { table } from "../../table.ts";
import {
  walletCommand,
  withWallet,
  type Session,
  type WalletOptions,
} from "../../wallet/command.ts";

/** `bezant wallet show`: who the wallet is. */
export function addShow(group: Command, cli: Cli): void {
  walletCommand(group, "show", {
    description: "show who the wallet is, and its open requests",
    example: "show --wallet w",
  }).action(async (options: WalletOptions) => {
    await withWallet(cli, options, async (session) => {
      const status = session.need(await session.wallet.status());
      cli.output.result(text(session, status), fields(session, status));
    });
  });
}

function text(session: Session, status: Status): string {
  const { settings, format } = session;
  const { registered, ta, open } = status;
  const provider =
    registered === undefined ? settings.provider : `${registered.provider} at ${registered.url}`;
  const requests = open.map(({ r, amount, payeeClass }) => {
    const payee = payeeClass === "ta" ? "device" : "wallet";
    return [`open request ${r}`, `${format(amount)}, to the ${payee}`];
  });
  return table([
    ["client", registered?.wallet ?? "not registered yet"],
    ["provider", provider],
    ["currency", settings.currency],
    ["device", deviceText(session, status)],
    ["trusted application", ta ?? "none registered"],
    ...requests,
  ]);
}

function deviceText({ settings, fault }: Session, { device }: Status): string {
  const place = settings.device ?? settings.socket;
  if (place === undefined) return "none: this wallet receives only";
  if (fault !== undefined) return fault.title;
  return device?.ok === true ? `${device.value.phase}, in ${place}` : "does not answer";
}

function fields({ settings, fault }: Session, { registered, ta, device, open }: Status) {
  return {
    client: registered?.wallet ?? null,
    provider: registered?.provider ?? null,
    url: registered?.url ?? settings.provider,
    currency: settings.currency,
    ta: ta ?? null,
    device: fault?.code ?? (device?.ok === true ? device.value.phase : null),
    open: open.map(({ r, amount, payeeClass }) => ({
      r: `${r}`,
      amount: `${amount}`,
      payeeClass,
    })),
  };
}
