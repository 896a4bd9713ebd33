import { x509Intermediary } from "@bezant/pki/x509";
import type { Command } from "commander";
import type { Cli } from "../../cli.ts";
import { Refused } from "../../failure.ts";
import { readHexFile } from "../../files.ts";
import { PASSPHRASE_FILE, type PassphraseOptions } from "../../passphrase.ts";
import { writePemFile } from "../../pem-files.ts";
import { x509AuthorityIn } from "../../x509-folder.ts";

type Options = PassphraseOptions & {
  readonly dir: string;
  readonly certificate: string;
  readonly out: string;
};

/** `bezant ca x509`: the root gives an intermediary that it has certified an X.509 certificate for the same key. */
export function addX509(ca: Command, cli: Cli): void {
  ca.command("x509")
    .description("certify an intermediary's key in X.509 too, so that it can certify TLS keys")
    .requiredOption("--dir <folder>", "folder of the root")
    .requiredOption("--certificate <file>", "the intermediary's certificate, as this root made it")
    .requiredOption("--out <file>", "where to write the X.509 certificate, PEM")
    .option(...PASSPHRASE_FILE)
    .addHelpText(
      "after",
      "\nExample:\n  ./bezant ca x509 --dir ca/root --certificate bank.crt --out bank.pem",
    )
    .action(async (options: Options) => {
      const { dir, certificate, out } = options;
      const root = await x509AuthorityIn(dir, cli, options);
      const made = await x509Intermediary(root, await readHexFile(certificate), cli.now());
      if (!made.ok) throw new Refused(made.error);
      await writePemFile(out, "CERTIFICATE", made.value);
      cli.output.result(`Certified the same key in X.509, in ${out}.`, { certificate: out });
    });
}
