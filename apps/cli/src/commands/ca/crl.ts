import { revocationList } from "@bezant/pki/x509";
import type { Command } from "commander";
import type { Cli } from "../../cli.ts";
import { daysOption } from "../../options.ts";
import { PASSPHRASE_FILE, type PassphraseOptions } from "../../passphrase.ts";
import { writePemFile } from "../../pem-files.ts";
import { x509AuthorityIn } from "../../x509-folder.ts";

type Options = PassphraseOptions & {
  readonly dir: string;
  readonly days: number;
  readonly out: string;
};

/** `bezant ca crl`: the revocation list of an authority's TLS certificates. */
export function addCrl(ca: Command, cli: Cli): void {
  ca.command("crl")
    .description("issue the revocation list (X.509) of the TLS certificates that were taken back")
    .requiredOption("--dir <folder>", "folder of the authority")
    .requiredOption("--out <file>", "where to write the list, PEM")
    .option("--days <n>", "until the next one has to be there", daysOption, 30)
    .option(...PASSPHRASE_FILE)
    .addHelpText(
      "after",
      "\nServers whose configuration names the file read it again by themselves, within a minute or on SIGHUP." +
        "\n\nExample:\n  ./bezant ca crl --dir ca/bank --out bank.crl",
    )
    .action(async (options: Options) => {
      const { dir, days, out } = options;
      const issuer = await x509AuthorityIn(dir, cli, options);
      await writePemFile(out, "X509 CRL", await revocationList(issuer, { now: cli.now(), days }));
      const revoked = new Set((await issuer.register.revocations()).map(({ serial }) => serial));
      cli.output.result(`Wrote the list of ${revoked.size} TLS certificates into ${out}.`, {
        list: out,
        revoked: [...revoked],
      });
    });
}
