import type { Command } from "commander";
import { urlOption } from "../../options.ts";
import { PASSPHRASE_FILE, type PassphraseOptions } from "../../passphrase.ts";

export type MakerOptions = PassphraseOptions & { readonly url: string; readonly key: string };

/** What every order to a manufacturer's server needs. */
export function makerOptions(command: Command): Command {
  return command
    .requiredOption("--url <url>", "where the manufacturer serves", urlOption)
    .requiredOption("--key <folder>", "folder with the operator's key")
    .option(...PASSPHRASE_FILE);
}
