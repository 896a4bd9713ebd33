import { certificateHash, certify } from "@bezant/pki";
import { nodeVerifier } from "@bezant/pki/node";
import { parseCertificate, unwrap } from "@bezant/protocol";
import type { Command } from "commander";
import type { Cli } from "../../cli.ts";
import { Refused } from "../../failure.ts";
import { readHexFile, writeHexFile } from "../../files.ts";
import { authorityIn } from "../../folders.ts";
import { daysOption } from "../../options.ts";
import { PASSPHRASE_FILE, type PassphraseOptions } from "../../passphrase.ts";
import { describeClaims } from "./describe.ts";

type Options = PassphraseOptions & {
  readonly dir: string;
  readonly request: string;
  readonly days: number;
  readonly out: string;
  readonly rollover?: true;
};

/** `bezant ca sign`: the tier above, having vetted the applicant, certifies it. */
export function addSign(ca: Command, cli: Cli): void {
  ca.command("sign")
    .description("certify the institution behind a request, after vetting it")
    .requiredOption("--dir <folder>", "folder of the authority that signs")
    .requiredOption("--request <file>", "the request")
    .requiredOption("--out <file>", "where to write the certificate")
    .option("--days <n>", "validity, cut off where the issuer's ends", daysOption, 1095)
    .option(
      "--rollover",
      "a second key for an id that it has certified before; both count in an overlap",
    )
    .option(...PASSPHRASE_FILE)
    .addHelpText(
      "after",
      "\nExample:\n  ./bezant ca sign --dir ca/root --request bank.req --out bank.crt",
    )
    .action(async (options: Options) => {
      const { dir, request, days, out, rollover = false } = options;
      const issuer = await authorityIn(dir, cli, options);
      const bytes = await readHexFile(request);
      const terms = { now: cli.now(), days, rollover };
      const certificate = await certify(issuer, bytes, nodeVerifier(), terms);
      if (!certificate.ok) throw new Refused(certificate.error);
      await writeHexFile(out, certificate.value);
      const { claims } = unwrap(parseCertificate(certificate.value));
      cli.output.result(`Certified ${describeClaims(claims).sentence}, in ${out}.`, {
        ...describeClaims(claims).fields,
        certificate: out,
        hash: certificateHash(certificate.value),
      });
    });
}
