import { asyncNodeSigner, readKey } from "@bezant/pki/node";
import type { Command } from "commander";
import type { Cli } from "../../cli.ts";
import { folderFailure } from "../../folders.ts";
import { makerOperatorAt, type MakerOperator } from "../../manufacturer/operator.ts";
import { urlOption } from "../../options.ts";
import { passphrase, PASSPHRASE_FILE, type PassphraseOptions } from "../../passphrase.ts";
import { ownFetch, tlsOptions, type TlsOptions } from "../../service/tls.ts";

export type MakerOptions = PassphraseOptions &
  TlsOptions & { readonly url: string; readonly key: string };

/** What every order to a manufacturer's server needs. */
export function makerOptions(command: Command): Command {
  return tlsOptions(
    command
      .requiredOption("--url <url>", "where the manufacturer serves", urlOption)
      .requiredOption("--key <folder>", "folder with the operator's key"),
  ).option(...PASSPHRASE_FILE);
}

export async function makerOperatorOf(cli: Cli, options: MakerOptions): Promise<MakerOperator> {
  const secret = await passphrase(cli, options);
  const key = await readKey(options.key, secret);
  if (!key.ok) throw folderFailure(options.key, key.error);
  const { fetch } = await ownFetch(options, secret);
  return makerOperatorAt(options.url, asyncNodeSigner(key.value), fetch);
}
