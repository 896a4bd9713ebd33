import { readKey, publicKeyOf, writeCertificate } from "@bezant/pki/node";
import { writeCaCertificate } from "@bezant/pki/tls";
import { isCertificateFor } from "@bezant/pki/x509";
import { parseCertificate } from "@bezant/protocol";
import type { Command } from "commander";
import type { Cli } from "../../cli.ts";
import { Refused } from "../../failure.ts";
import { readHexFile } from "../../files.ts";
import { readPemFile } from "../../pem-files.ts";
import { folderFailure } from "../../folders.ts";
import { passphrase, PASSPHRASE_FILE, type PassphraseOptions } from "../../passphrase.ts";
import { describeClaims } from "./describe.ts";

type Options = PassphraseOptions & {
  readonly dir: string;
  readonly certificate: string;
  readonly x509?: string;
};

/** `bezant ca install`: an institution takes the certificate that the tier above gave it. */
export function addInstall(ca: Command, cli: Cli): void {
  ca.command("install")
    .description("put the certificate beside the key that it is for")
    .requiredOption("--dir <folder>", "folder with the key")
    .requiredOption("--certificate <file>", "the certificate")
    .option("--x509 <file>", "an intermediary's X.509 certificate for the same key, PEM")
    .option(...PASSPHRASE_FILE)
    .addHelpText("after", "\nExample:\n  ./bezant ca install --dir ca/bank --certificate bank.crt")
    .action(async (options: Options) => {
      const { dir } = options;
      const bytes = await readHexFile(options.certificate);
      const parsed = parseCertificate(bytes);
      if (!parsed.ok) throw new Refused(parsed.error);
      const key = await readKey(dir, await passphrase(cli, options));
      if (!key.ok) throw folderFailure(dir, key.error);
      const { claims } = parsed.value;
      if (claims.key !== publicKeyOf(key.value).compressed)
        throw new Refused({ code: "wrong-key" });
      const x509 = options.x509 === undefined ? undefined : await readPemFile(options.x509);
      if (x509 !== undefined && !isCertificateFor(x509, publicKeyOf(key.value))) {
        throw new Refused({ code: "wrong-key" });
      }
      await writeCertificate(dir, bytes);
      if (x509 !== undefined) await writeCaCertificate(dir, x509);
      const { sentence, fields } = describeClaims(claims);
      cli.output.result(`Installed ${sentence}.`, { ...fields, dir });
    });
}
