import { readFile } from "node:fs/promises";
import { createInterface } from "node:readline/promises";
import { Writable } from "node:stream";
import type { Cli } from "./cli.ts";
import { EXIT } from "./exit-codes.ts";
import { Failure } from "./failure.ts";

export type PassphraseOptions = { readonly passphraseFile?: string };

export const PASSPHRASE_FILE = [
  "--passphrase-file <file>",
  "file with the key's passphrase (otherwise BEZANT_PASSPHRASE, or asked for)",
] as const;

/** From the file, else the environment, else a person at the terminal. */
export async function passphrase({ env }: Cli, options: PassphraseOptions): Promise<string> {
  const given =
    options.passphraseFile === undefined
      ? env["BEZANT_PASSPHRASE"]
      : (await readFile(options.passphraseFile, "utf8")).replace(/\r?\n$/, "");
  const text = given ?? (process.stdin.isTTY ? await ask() : undefined);
  if (text === undefined || text === "") {
    throw new Failure("a passphrase is needed: --passphrase-file or BEZANT_PASSPHRASE", EXIT.usage);
  }
  return text;
}

async function ask(): Promise<string> {
  const silent = new Writable({
    write: (_chunk, _encoding, done) => {
      done();
    },
  });
  process.stderr.write("Passphrase: ");
  const terminal = createInterface({ input: process.stdin, output: silent, terminal: true });
  try {
    return await terminal.question("");
  } finally {
    terminal.close();
    process.stderr.write("\n");
  }
}
