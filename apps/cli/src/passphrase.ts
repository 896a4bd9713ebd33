import { readFile } from "node:fs/promises";
import type { Cli } from "./cli.ts";
import { EXIT } from "./exit-codes.ts";
import { Failure } from "./failure.ts";
import { fileFailure } from "./files.ts";
import { askSecret, isInteractive } from "./terminal.ts";

export type PassphraseOptions = { readonly passphraseFile?: string };

export const PASSPHRASE_FILE = [
  "--passphrase-file <file>",
  "file with the key's passphrase (otherwise BEZANT_PASSPHRASE, or asked for)",
] as const;

/** From the file, else the environment, else a person at the terminal. */
export async function passphrase({ env }: Cli, options: PassphraseOptions): Promise<string> {
  const { passphraseFile: file } = options;
  const given = file === undefined ? env["BEZANT_PASSPHRASE"] : await firstLine(file);
  const text = given ?? (isInteractive() ? await askSecret("Passphrase: ") : undefined);
  if (text === undefined || text === "") {
    throw new Failure("a passphrase is needed: --passphrase-file or BEZANT_PASSPHRASE", EXIT.usage);
  }
  return text;
}

/** A secret in a file, without the line break at its end. */
export async function firstLine(file: string): Promise<string> {
  try {
    return (await readFile(file, "utf8")).replace(/\r?\n$/, "");
  } catch (error) {
    throw fileFailure(file, error);
  }
}
