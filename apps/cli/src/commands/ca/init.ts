import { requestCertification, type Certifiable } from "@bezant/pki";
import { asyncNodeSigner, generatePrivateKey, readKey, writeKey } from "@bezant/pki/node";
import { keyIdOf, type Currency, type InstitutionId } from "@bezant/protocol";
import { Option, type Command } from "commander";
import type { Cli } from "../../cli.ts";
import { writeHexFile } from "../../files.ts";
import { folderFailure } from "../../folders.ts";
import { currencyOption, institutionOption } from "../../options.ts";
import { passphrase, PASSPHRASE_FILE, type PassphraseOptions } from "../../passphrase.ts";

type Options = PassphraseOptions & {
  readonly dir: string;
  readonly role: Certifiable;
  readonly id: InstitutionId;
  readonly currency: Currency;
  readonly issuer: InstitutionId;
  readonly out: string;
  readonly renew?: true;
};

/** `bezant ca init`: an intermediary, a provider or the central bank's service makes its key and asks the tier above to certify it. */
export function addInit(ca: Command, cli: Cli): void {
  ca.command("init")
    .description("make an institution's key and a request to the tier above")
    .requiredOption("--dir <folder>", "folder to make, or with --renew the one there")
    .addOption(role())
    .requiredOption("--id <id>", "its id", institutionOption)
    .requiredOption("--currency <code>", "its currency", currencyOption)
    .requiredOption("--issuer <id>", "id of the tier above", institutionOption)
    .requiredOption("--out <file>", "where to write the request")
    .option("--renew", "ask again for the key that is there")
    .option(...PASSPHRASE_FILE)
    .addHelpText(
      "after",
      "\nExample:\n  ./bezant ca init --dir ca/bank --role intermediary --id bank --currency EUR --issuer cb --out bank.req",
    )
    .action(async (options: Options) => {
      const { role: wanted, id, currency, issuer, out } = options;
      const signer = asyncNodeSigner(await keyOf(options, cli));
      const applicant = { role: wanted, sub: id, currency };
      await writeHexFile(out, await requestCertification(applicant, issuer, signer));
      const keyId = keyIdOf(signer.publicKey);
      cli.output.result(`Wrote ${id}'s request to ${issuer} into ${out}; its key id is ${keyId}.`, {
        role: wanted,
        id,
        issuer,
        request: out,
        keyId,
      });
    });
}

function role(): Option {
  return new Option("--role <role>", "what it is to be")
    .choices(["intermediary", "provider", "central-bank"])
    .makeOptionMandatory();
}

async function keyOf(options: Options, cli: Cli) {
  const { dir, renew } = options;
  const secret = await passphrase(cli, options);
  if (renew === true) {
    const there = await readKey(dir, secret);
    if (!there.ok) throw folderFailure(dir, there.error);
    return there.value;
  }
  const key = generatePrivateKey();
  const written = await writeKey(dir, key, secret);
  if (!written.ok) throw folderFailure(dir, written.error);
  return key;
}
