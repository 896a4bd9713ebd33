import { issueStatus } from "@bezant/pki";
import { institutionStatus, unwrap } from "@bezant/protocol";
import type { Command } from "commander";
import type { Cli } from "../../cli.ts";
import { EXIT } from "../../exit-codes.ts";
import { Failure } from "../../failure.ts";
import { writeHexFile } from "../../files.ts";
import { authorityIn } from "../../folders.ts";
import { PASSPHRASE_FILE, type PassphraseOptions } from "../../passphrase.ts";

type Options = PassphraseOptions & { readonly dir: string; readonly out: string };

/** `bezant ca status-list`: which keys of institutions an authority has taken back. */
export function addStatusList(ca: Command, cli: Cli): void {
  ca.command("status-list")
    .description("issue the signed list of the institutions' keys that were taken back")
    .requiredOption("--dir <folder>", "folder of the root or intermediary")
    .requiredOption("--out <file>", "where to write the list")
    .option(...PASSPHRASE_FILE)
    .addHelpText("after", "\nExample:\n  ./bezant ca status-list --dir ca/bank --out bank.status")
    .action(async (options: Options) => {
      const { dir, out } = options;
      const issuer = await authorityIn(dir, cli, options);
      if (issuer.claims.role !== "root" && issuer.claims.role !== "intermediary") {
        throw new Failure(`a ${issuer.claims.role} certifies no institutions`, EXIT.usage);
      }
      const bytes = await issueStatus(issuer, cli.now());
      await writeHexFile(out, bytes);
      const { sequence, revoked } = unwrap(institutionStatus.parse(bytes)).payload;
      cli.output.result(`Wrote list ${sequence} with ${revoked.length} keys into ${out}.`, {
        list: out,
        sequence: String(sequence),
        revoked: revoked.map(([keyId, since]) => ({ keyId, since })),
      });
    });
}
