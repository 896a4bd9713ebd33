import { publicKeyOf, readKey } from "@bezant/pki/node";
import { writeTlsCertificates } from "@bezant/pki/tls";
import { isCertificateFor } from "@bezant/pki/x509";
import type { Command } from "commander";
import type { Cli } from "../../cli.ts";
import { Refused } from "../../failure.ts";
import { folderFailure } from "../../folders.ts";
import { passphrase, PASSPHRASE_FILE, type PassphraseOptions } from "../../passphrase.ts";
import { readPemFileAll } from "../../pem-files.ts";

type Options = PassphraseOptions & { readonly dir: string; readonly certificate: string };

/** `bezant ca tls-install`: an institution takes the certificate of its TLS key. */
export function addTlsInstall(ca: Command, cli: Cli): void {
  ca.command("tls-install")
    .description("put the certificates beside the TLS key that they are for")
    .requiredOption("--dir <folder>", "folder with the TLS key")
    .requiredOption("--certificate <file>", "its certificate and the issuer's, PEM")
    .option(...PASSPHRASE_FILE)
    .addHelpText(
      "after",
      "\nExample:\n  ./bezant ca tls-install --dir tls/aurum --certificate aurum.pem",
    )
    .action(async (options: Options) => {
      const { dir, certificate } = options;
      const certificates = await readPemFileAll(certificate);
      const key = await readKey(dir, await passphrase(cli, options));
      if (!key.ok) throw folderFailure(dir, key.error);
      const [own] = certificates;
      if (own === undefined || !isCertificateFor(own, publicKeyOf(key.value))) {
        throw new Refused({ code: "wrong-key" });
      }
      await writeTlsCertificates(dir, certificates);
      cli.output.result(`Installed ${certificates.length} certificates in ${dir}.`, {
        dir,
        certificates: certificates.length,
      });
    });
}
