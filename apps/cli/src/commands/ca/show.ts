import { certificateHash } from "@bezant/pki";
import { certificationRequest, parseCertificate } from "@bezant/protocol";
import type { Command } from "commander";
import type { Cli } from "../../cli.ts";
import { Refused } from "../../failure.ts";
import { readHexFile } from "../../files.ts";
import { describeClaims } from "./describe.ts";

/** `bezant ca show`: what a certificate or request says. Checks no signature. */
export function addShow(ca: Command, cli: Cli): void {
  ca.command("show")
    .description("print what a certificate or a request says, without checking who signed it")
    .argument("<file>", "one line of hexadecimal, - for standard input")
    .addHelpText("after", "\nExample:\n  ./bezant ca show bank.crt")
    .action(async (file: string) => {
      const bytes = await readHexFile(file);
      const request = certificationRequest.parse(bytes);
      if (request.ok) {
        const { role, sub, currency, key } = request.value.payload;
        const fields = { kind: "request", role, sub, currency, publicKey: key };
        cli.output.result(`Request of ${sub} to be a ${role} in ${currency}, key ${key}.`, fields);
        return;
      }
      const parsed = parseCertificate(bytes);
      if (!parsed.ok) throw new Refused(parsed.error);
      const { sentence, fields } = describeClaims(parsed.value.claims);
      const hash = certificateHash(bytes);
      cli.output.result(`Certificate of ${sentence}, ${bytes.length} bytes, SHA-256 ${hash}.`, {
        kind: "certificate",
        ...fields,
        bytes: bytes.length,
        hash,
      });
    });
}
