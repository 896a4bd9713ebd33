import { asyncNodeSigner, readKey } from "@bezant/pki/node";
import type { Command } from "commander";
import type { Cli } from "../../cli.ts";
import { folderFailure } from "../../folders.ts";
import { urlOption } from "../../options.ts";
import { passphrase, PASSPHRASE_FILE, type PassphraseOptions } from "../../passphrase.ts";
import { operatorAt, type Operator } from "../../provider/operator.ts";

export type OperatorOptions = PassphraseOptions & { readonly url: string; readonly key: string };

/** What every command of the operator needs. */
export function operatorOptions(command: Command): Command {
  return command
    .requiredOption("--url <url>", "where the provider serves", urlOption)
    .requiredOption("--key <folder>", "folder with the operator's key")
    .option(...PASSPHRASE_FILE);
}

export async function operatorOf(cli: Cli, options: OperatorOptions): Promise<Operator> {
  const key = await readKey(options.key, await passphrase(cli, options));
  if (!key.ok) throw folderFailure(options.key, key.error);
  return operatorAt(options.url, asyncNodeSigner(key.value));
}
