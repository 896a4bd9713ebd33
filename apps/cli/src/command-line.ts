import { relative } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

const PROGRAM = fileURLToPath(new URL("../../../bezant", import.meta.url));

/** As a person types it, in this folder. */
export function commandLine(args: readonly string[]): string {
  const program = relative(process.cwd(), PROGRAM);
  return [program.includes("/") ? program : `./${program}`, ...args].map(quoted).join(" ");
}

function quoted(word: string): string {
  return /^[\w./:=@%+-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
