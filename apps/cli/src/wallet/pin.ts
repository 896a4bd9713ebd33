import type { Cli } from "../cli.ts";
import { EXIT } from "../exit-codes.ts";
import { Failure } from "../failure.ts";
import { firstLine } from "../passphrase.ts";
import { askSecret, isInteractive } from "../terminal.ts";

export type PinOptions = { readonly pinFile?: string };

export const PIN_FILE = [
  "--pin-file <file>",
  "file with the PIN (otherwise BEZANT_PIN, or asked for)",
] as const;

type Asking = {
  readonly question: string;
  /** Of the environment. */
  readonly variable: string;
  /** A person types a new one twice. */
  readonly twice?: boolean;
};

/** From the file, else the environment, else a person at the terminal. */
export async function pin(
  { env }: Cli,
  { pinFile }: PinOptions,
  { question, variable, twice = false }: Asking,
): Promise<string> {
  const given = pinFile === undefined ? env[variable] : await firstLine(pinFile);
  const text = given ?? (isInteractive() ? await askSecret(`${question}: `) : undefined);
  if (twice && given === undefined && text !== undefined) {
    const again = await askSecret("Once more: ");
    if (again !== text)
      throw new Failure("The two are not the same. Nothing was done.", EXIT.usage);
  }
  if (text === undefined || text === "") {
    throw new Failure(
      `The PIN is needed: --pin-file or ${variable}. No money has moved.`,
      EXIT.usage,
    );
  }
  if (!/^[0-9]{4,12}$/.test(text)) {
    throw new Failure("A PIN has 4 to 12 digits. Nothing was done.", EXIT.usage);
  }
  return text;
}
