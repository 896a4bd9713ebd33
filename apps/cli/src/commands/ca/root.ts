import { authority, selfSign, validityWithin } from "@bezant/pki";
import {
  asyncNodeSigner,
  fileRegister,
  generatePrivateKey,
  writeCertificate,
  writeKey,
} from "@bezant/pki/node";
import { writeCaCertificate } from "@bezant/pki/tls";
import { x509Root } from "@bezant/pki/x509";
import { keyIdOf, unwrap, type Currency, type InstitutionId } from "@bezant/protocol";
import type { Command } from "commander";
import type { Cli } from "../../cli.ts";
import { EXIT } from "../../exit-codes.ts";
import { Failure } from "../../failure.ts";
import { folderFailure } from "../../folders.ts";
import { currencyOption, daysOption, institutionOption } from "../../options.ts";
import { passphrase, PASSPHRASE_FILE, type PassphraseOptions } from "../../passphrase.ts";

type Options = PassphraseOptions & {
  readonly dir: string;
  readonly id: InstitutionId;
  readonly currency?: Currency;
  readonly oem?: true;
  readonly days: number;
};

/** `bezant ca root`: the key ceremony of a central bank, or of a manufacturer. */
export function addRoot(ca: Command, cli: Cli): void {
  ca.command("root")
    .description("make a root: a central bank's, or with --oem a manufacturer's")
    .requiredOption("--dir <folder>", "folder to make")
    .requiredOption("--id <id>", "its id", institutionOption)
    .option("--currency <code>", "its currency (a central bank has exactly one)", currencyOption)
    .option("--oem", "a manufacturer's root, for devices")
    .option("--days <n>", "validity", daysOption, 7300)
    .option(...PASSPHRASE_FILE)
    .addHelpText("after", "\nExample:\n  ./bezant ca root --dir ca/root --id cb --currency EUR")
    .action(async (options: Options) => {
      const { dir, id, days } = options;
      const subject = rootOf(options);
      const key = generatePrivateKey();
      const written = await writeKey(dir, key, await passphrase(cli, options));
      if (!written.ok) throw folderFailure(dir, written.error);
      const signer = asyncNodeSigner(key);
      const validity = unwrap(validityWithin(undefined, cli.now(), days));
      const certificate = await selfSign(subject, validity, signer);
      await writeCertificate(dir, certificate);
      const own = authority(certificate, signer, fileRegister(dir));
      await writeCaCertificate(dir, await x509Root(own));
      const keyId = keyIdOf(signer.publicKey);
      cli.output.result(`Made the ${subject.role} ${id} in ${dir}; its key id is ${keyId}.`, {
        role: subject.role,
        id,
        dir,
        keyId,
        publicKey: signer.publicKey.compressed,
      });
    });
}

function rootOf({ id, currency, oem }: Options) {
  if (oem === true) {
    if (currency !== undefined) throw new Failure("a manufacturer has no currency", EXIT.usage);
    return { role: "oem-root", id } as const;
  }
  if (currency === undefined) throw new Failure("a central bank needs --currency", EXIT.usage);
  return { role: "root", id, currency } as const;
}
