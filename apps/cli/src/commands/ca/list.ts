import { certificateHash } from "@bezant/pki";
import { fileRegister } from "@bezant/pki/node";
import type { Command } from "commander";
import type { Cli } from "../../cli.ts";
import { describeClaims } from "./describe.ts";

/** `bezant ca list`: the register of an authority, oldest first. */
export function addList(ca: Command, cli: Cli): void {
  ca.command("list")
    .description("list what an authority has issued")
    .requiredOption("--dir <folder>", "folder of the authority")
    .addHelpText("after", "\nExample:\n  ./bezant ca list --dir ca/root")
    .action(async ({ dir }: { readonly dir: string }) => {
      const output = cli.output;
      const entries = await fileRegister(dir).entries();
      for (const { certificate, claims, at } of entries) {
        const { sentence, fields } = describeClaims(claims);
        const hash = certificateHash(certificate);
        output.result(`${hash.slice(0, 16)}  ${sentence}`, { ...fields, at, hash });
      }
      if (entries.length === 0) output.progress(`${dir} has issued nothing yet.`);
    });
}
