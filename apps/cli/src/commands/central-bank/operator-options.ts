import { asyncNodeSigner, readKey } from "@bezant/pki/node";
import type { Command } from "commander";
import { bankOperatorAt, type BankOperator } from "../../central-bank/operator.ts";
import type { Cli } from "../../cli.ts";
import { folderFailure } from "../../folders.ts";
import { urlOption } from "../../options.ts";
import { passphrase, PASSPHRASE_FILE, type PassphraseOptions } from "../../passphrase.ts";
import { ownFetch, tlsOptions, type TlsOptions } from "../../service/tls.ts";

export type BankOptions = PassphraseOptions &
  TlsOptions & { readonly url: string; readonly key: string };

/** What every command of the central bank's operator needs. */
export function bankOptions(command: Command): Command {
  return tlsOptions(
    command
      .requiredOption("--url <url>", "where the central bank serves", urlOption)
      .requiredOption("--key <folder>", "folder with the operator's key"),
  ).option(...PASSPHRASE_FILE);
}

export async function bankOperatorOf(cli: Cli, options: BankOptions): Promise<BankOperator> {
  const secret = await passphrase(cli, options);
  const key = await readKey(options.key, secret);
  if (!key.ok) throw folderFailure(options.key, key.error);
  const { fetch } = await ownFetch(options, secret);
  return bankOperatorAt(options.url, asyncNodeSigner(key.value), fetch);
}
