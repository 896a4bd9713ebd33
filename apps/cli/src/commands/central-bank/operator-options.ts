import { asyncNodeSigner, readKey } from "@bezant/pki/node";
import type { Command } from "commander";
import { bankOperatorAt, type BankOperator } from "../../central-bank/operator.ts";
import type { Cli } from "../../cli.ts";
import { folderFailure } from "../../folders.ts";
import { urlOption } from "../../options.ts";
import { passphrase, PASSPHRASE_FILE, type PassphraseOptions } from "../../passphrase.ts";

export type BankOptions = PassphraseOptions & { readonly url: string; readonly key: string };

/** What every command of the central bank's operator needs. */
export function bankOptions(command: Command): Command {
  return command
    .requiredOption("--url <url>", "where the central bank serves", urlOption)
    .requiredOption("--key <folder>", "folder with the operator's key")
    .option(...PASSPHRASE_FILE);
}

export async function bankOperatorOf(cli: Cli, options: BankOptions): Promise<BankOperator> {
  const key = await readKey(options.key, await passphrase(cli, options));
  if (!key.ok) throw folderFailure(options.key, key.error);
  return bankOperatorAt(options.url, asyncNodeSigner(key.value));
}
