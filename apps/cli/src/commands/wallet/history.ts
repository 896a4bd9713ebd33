import type { HistoryEntry } from "@bezant/wallet";
import type { Command } from "commander";
import type { Cli } from "../../cli.ts";
import type { Json } from "../../output.ts";
import { table } from "../../table.ts";
import { short } from "../../wallet/approve.ts";
import { walletCommand, withWallet, type WalletOptions } from "../../wallet/command.ts";

type Options = WalletOptions & { readonly online?: true };

/** `bezant wallet history`: what this wallet has done, or what its provider has booked. */
export function addHistory(group: Command, cli: Cli): void {
  walletCommand(group, "history", {
    description: "list what the wallet has done, oldest first; with --online what was booked",
    example: "history --wallet w",
  })
    .option("--online", "what the provider has booked, newest first")
    .action(async (options: Options) => {
      await withWallet(cli, options, async ({ wallet, need, format }) => {
        const rows =
          options.online === true
            ? need(await wallet.onlineHistory()).entries.map((entry) => {
                const { at, operation, debit, credit, amount } = entry;
                const way = `${debit} → ${credit}`;
                return { cells: [time(at), operation, format(amount), way], fields: json(entry) };
              })
            : need(await wallet.history()).map((entry) => ({
                cells: [time(entry.at), entry.kind, format(entry.amount), about(entry)],
                fields: json(entry),
              }));
        if (rows.length === 0) cli.output.progress("Nothing yet.");
        const lines = table(
          rows.map(({ cells }) => cells),
          [2],
        ).split("\n");
        for (const [i, { fields }] of rows.entries()) cli.output.result(lines[i] ?? "", fields);
      });
    });
}

function about(entry: HistoryEntry): string {
  switch (entry.kind) {
    case "paid":
      return `no ${entry.j} to ${short(entry.payee)}, ${entry.state}`;
    case "received":
      return `no ${entry.j} of ${short(entry.sender)}, ${entry.state}`;
    case "paid-online":
      return `to ${short(entry.receiver)}${where(entry.provider)}, ${entry.state}`;
    case "deposit":
    case "withdrawal":
      return entry.state;
  }
}

function where(provider: string | undefined): string {
  return provider === undefined ? "" : ` at ${provider}`;
}

function time(seconds: number): string {
  return new Date(seconds * 1000).toISOString().slice(0, 19).replace("T", " ");
}

/** Amounts and counters as strings, times as numbers. */
function json(entry: object): { readonly [key: string]: Json } {
  const fields = Object.entries(entry) as [string, string | number | bigint][];
  return Object.fromEntries(
    fields.map(([name, value]) => [
      name,
      typeof value === "string" || name === "at" ? (value as Json) : `${value}`,
    ]),
  );
}
