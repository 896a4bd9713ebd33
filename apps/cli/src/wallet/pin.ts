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

/** From the file, else the environment, else a person at the terminal. */
export async function pin(
  { env }: Cli,
  { pinFile }: PinOptions,
  { question, variable }: { readonly question: string; readonly variable: string },
): Promise<string> {
  const given = pinFile === undefined ? env[variable] : await firstLine(pinFile);
  const text = given ?? (isInteractive() ? await askSecret(`${question}: `) : undefined);
  if (text === undefined || text === "") {
    throw new Failure(
      `The PIN is needed: --pin-file or ${variable}. No money has moved.`,
      EXIT.usage,
    );
  }
  return text;
}
