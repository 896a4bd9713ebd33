import { certifyTls, readRequest, uriOf } from "@bezant/pki/x509";
import type { Command } from "commander";
import type { Cli } from "../../cli.ts";
import { Refused } from "../../failure.ts";
import { daysOption } from "../../options.ts";
import { PASSPHRASE_FILE, type PassphraseOptions } from "../../passphrase.ts";
import { readPemFile, writePemFile } from "../../pem-files.ts";
import { x509AuthorityIn } from "../../x509-folder.ts";

type Options = PassphraseOptions & {
  readonly dir: string;
  readonly request: string;
  readonly days: number;
  readonly out: string;
};

/** `bezant ca tls-sign`: whoever certified an institution certifies its TLS key. */
export function addTlsSign(ca: Command, cli: Cli): void {
  ca.command("tls-sign")
    .description("certify the TLS key of an institution that this authority has certified")
    .requiredOption("--dir <folder>", "folder of the authority that signs")
    .requiredOption("--request <file>", "the request, PEM")
    .requiredOption("--out <file>", "where to write the certificate and its issuer's, PEM")
    .option("--days <n>", "validity, cut off where the issuer's ends", daysOption, 398)
    .option(...PASSPHRASE_FILE)
    .addHelpText(
      "after",
      "\nExample:\n  ./bezant ca tls-sign --dir ca/bank --request aurum.csr --out aurum.pem",
    )
    .action(async (options: Options) => {
      const { dir, request, days, out } = options;
      const issuer = await x509AuthorityIn(dir, cli, options);
      const bytes = await readPemFile(request, "CERTIFICATE REQUEST");
      const certificate = await certifyTls(issuer, bytes, { now: cli.now(), days });
      if (!certificate.ok) throw new Refused(certificate.error);
      // What is pinned need not travel.
      const above = issuer.authority.claims.role === "intermediary" ? [issuer.certificate] : [];
      await writePemFile(out, "CERTIFICATE", certificate.value, ...above);
      const asked = readRequest(bytes);
      const names = asked.ok ? asked.value.names.map(({ type, value }) => `${type} ${value}`) : [];
      const uri = asked.ok ? uriOf(asked.value.name) : "";
      cli.output.result(`Certified ${uri} for TLS, in ${out}: ${names.join(", ")}.`, {
        uri,
        names,
        certificate: out,
      });
    });
}
