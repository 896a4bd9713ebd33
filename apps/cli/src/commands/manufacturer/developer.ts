import { join } from "node:path";
import { generatePrivateKey, publicKeyOf, writeKey } from "@bezant/pki/node";
import type { InstitutionId } from "@bezant/protocol";
import type { Command } from "commander";
import type { Cli } from "../../cli.ts";
import { writeHexFile } from "../../files.ts";
import { authorityIn, folderFailure } from "../../folders.ts";
import { appoint } from "../../manufacturer/appoint.ts";
import { daysOption, institutionOption } from "../../options.ts";
import { passphrase, PASSPHRASE_FILE, type PassphraseOptions } from "../../passphrase.ts";

type Options = PassphraseOptions & {
  readonly dir: string;
  readonly oem: string;
  readonly name: InstitutionId;
  readonly days: number;
};

/** `bezant manufacturer developer`: a developer's key, appointed by the root to sign releases of trusted applications. */
export function addDeveloper(manufacturer: Command, cli: Cli): void {
  manufacturer
    .command("developer")
    .description("make a key for a developer of trusted applications, and appoint it")
    .requiredOption("--dir <folder>", "folder to make")
    .requiredOption("--oem <folder>", "folder of the manufacturer's root")
    .requiredOption("--name <id>", "the developer's id", institutionOption)
    .option("--days <n>", "how long the root appoints the key", daysOption, 365)
    .option(...PASSPHRASE_FILE)
    .addHelpText(
      "after",
      "\nExample:\n  ./bezant manufacturer developer --dir dev --oem ca/oem --name ta-dev",
    )
    .action(async (options: Options) => {
      const { dir, oem, name, days } = options;
      const root = await authorityIn(oem, cli, options);
      const key = generatePrivateKey();
      const written = await writeKey(dir, key, await passphrase(cli, options));
      if (!written.ok) throw folderFailure(dir, written.error);
      const own = publicKeyOf(key).compressed;
      const holder = { purpose: "developer", name, key: own } as const;
      const appointment = await appoint(root, holder, { now: cli.now(), days });
      await writeHexFile(join(dir, "appointment"), appointment);
      cli.output.result(`Appointed ${name}, whose key is in ${dir}.`, { dir, developer: name });
    });
}
