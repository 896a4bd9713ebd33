import { generatePrivateKey, publicKeyOf, writeKey } from "@bezant/pki/node";
import type { Command } from "commander";
import type { Cli } from "../../cli.ts";
import { folderFailure } from "../../folders.ts";
import { passphrase, PASSPHRASE_FILE, type PassphraseOptions } from "../../passphrase.ts";

type Options = PassphraseOptions & { readonly dir: string };

/** `bezant provider operator-key`: the key with which a person orders what only the provider may do. */
export function addOperatorKey(provider: Command, cli: Cli): void {
  provider
    .command("operator-key")
    .description("make an operator's key, encrypted with a passphrase")
    .requiredOption("--dir <folder>", "folder to make")
    .option(...PASSPHRASE_FILE)
    .addHelpText("after", "\nExample:\n  ./bezant provider operator-key --dir operator")
    .action(async (options: Options) => {
      const { dir } = options;
      const key = generatePrivateKey();
      const written = await writeKey(dir, key, await passphrase(cli, options));
      if (!written.ok) throw folderFailure(dir, written.error);
      const { compressed } = publicKeyOf(key);
      cli.output.result(`Made the operator's key in ${dir}. Its public key is ${compressed}`, {
        dir,
        publicKey: compressed,
      });
    });
}
