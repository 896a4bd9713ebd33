import type { Result } from "@bezant/protocol";
import type { WalletRefusal } from "@bezant/wallet";
import { Option, type Command } from "commander";
import type { Cli } from "../cli.ts";
import { Refused } from "../failure.ts";
import { openWallet, type OpenWallet } from "./open.ts";
import { refusedByWallet } from "./refused.ts";
import { commandLine } from "../command-line.ts";

export type WalletOptions = { readonly wallet: string };

/** A command on one wallet. */
export function walletCommand(
  group: Command,
  name: string,
  { description, example }: { readonly description: string; readonly example: string },
): Command {
  return group
    .command(name)
    .description(description)
    .addOption(
      new Option("--wallet <folder>", "the wallet's folder")
        .env("BEZANT_WALLET")
        .makeOptionMandatory(),
    )
    .addHelpText("after", `\nExample:\n  ./bezant wallet ${example}`);
}

/** A command on the same wallet, as it can be typed. */
export function commandOn({ wallet }: WalletOptions, ...words: readonly string[]): string {
  return commandLine(["wallet", ...words, "--wallet", wallet]);
}

/** An open wallet, whose refusals end the command. */
export type Session = OpenWallet & {
  /** The value of an operation; a refusal ends the command, with what became of the money. */
  readonly need: <T>(result: Result<T, WalletRefusal>) => T;
};

/** Opens the wallet for one command, and closes it again whatever happens. */
export async function withWallet<T>(
  cli: Cli,
  { wallet: folder }: WalletOptions,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  const opened = await openWallet(folder, cli.now);
  if (!opened.ok) throw refusedByWallet(opened.error);
  const { fault, close } = opened.value;
  const need = <V>(result: Result<V, WalletRefusal>): V => {
    if (result.ok) return result.value;
    // Why there is none says more than that there is none.
    if (result.error.code === "no-device" && fault !== undefined) {
      throw new Refused(fault);
    }
    throw refusedByWallet(result.error);
  };
  try {
    return await work({ ...opened.value, need });
  } finally {
    await close();
  }
}
