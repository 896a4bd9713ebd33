import { compareRegisters, type Finding } from "@bezant/pki";
import { fileRegister, nodeVerifier, parseRegister } from "@bezant/pki/node";
import type { Command } from "commander";
import type { Cli } from "../../cli.ts";
import { EXIT } from "../../exit-codes.ts";
import { Failure } from "../../failure.ts";
import { readHexFile, readTextFile } from "../../files.ts";
import { collect } from "../../options.ts";

type Options = {
  readonly dir: string;
  readonly register?: readonly string[];
  readonly seen?: readonly string[];
};

/** `bezant ca audit`: the root compares what its intermediaries have certified. */
export function addAudit(ca: Command, cli: Cli): void {
  ca.command("audit")
    .description("compare the registers of all intermediaries under a root")
    .requiredOption("--dir <folder>", "folder of the root; its key is not needed")
    .option("--register <file>", "issued.jsonl of an intermediary; may be repeated", collect())
    .option("--seen <file>", "a certificate that somebody has met; may be repeated", collect())
    .addHelpText(
      "after",
      "\nExample:\n  ./bezant ca audit --dir ca/root --register bank.jsonl --register silver.jsonl --seen aurum.crt\n\nEnds with status 1 if an intermediary has broken the rules. A second key is only named: it may be a rollover.",
    )
    .action(async ({ dir, register = [], seen = [] }: Options) => {
      const root = (await fileRegister(dir).entries()).map(({ certificate }) => certificate);
      const registers = (await Promise.all(register.map(certificatesIn))).flat();
      const met = await Promise.all(seen.map(readHexFile));
      const findings = compareRegisters({ root, registers, seen: met }, nodeVerifier());
      for (const finding of findings) cli.output.result(sentenceOf(finding), { ...finding });
      const broken = findings.filter(({ kind }) => kind !== "second-key");
      if (broken.length > 0) throw new Failure(`${broken.length} findings`, EXIT.refused);
      cli.output.result(`${root.length + registers.length} certificates: no rule is broken.`, {
        certificates: root.length + registers.length,
        ok: true,
      });
    });
}

async function certificatesIn(path: string): Promise<readonly Uint8Array[]> {
  const entries = parseRegister(await readTextFile(path));
  if (!entries.ok) throw new Failure(`${path} is no register of certificates`);
  return entries.value.map(({ certificate }) => certificate);
}

function sentenceOf(finding: Finding): string {
  switch (finding.kind) {
    case "id-certified-twice":
      return `${finding.id} was certified by ${finding.issuers.join(" and by ")}.`;
    case "second-key":
      return `${finding.id} has the keys ${finding.keys.join(" and ")}: is this a rollover?`;
    case "not-issued":
      return `Certificate ${finding.hash} was issued by none of this root's intermediaries.`;
    case "not-registered":
      return `Certificate ${finding.hash} of ${finding.id} is in use and in no register.`;
  }
}
