import { mkdir, writeFile } from "node:fs/promises";
import { dirname, relative, resolve } from "node:path";
import type { CentralBankConfig } from "@bezant/central-bank";
import type { CompressedKey } from "@bezant/protocol";
import type { Command } from "commander";
import type { Cli } from "../../cli.ts";
import { fileFailure } from "../../files.ts";
import { collect, compressedKeyOption, countOption, portOption } from "../../options.ts";

type Options = {
  readonly out: string;
  readonly authority: string;
  readonly root: string;
  readonly operator: readonly CompressedKey[];
  readonly dataDir: string;
  readonly passphraseFile?: string;
  readonly host?: string;
  readonly port?: number;
  readonly windowSeconds?: number;
};

/** `bezant central-bank init`: everything that the service has to be told, in one file. */
export function addInit(bank: Command, cli: Cli): void {
  bank
    .command("init")
    .description("write the configuration of the central bank's service")
    .requiredOption("--out <file>", "file to write; paths in it are relative to it")
    .requiredOption(
      "--authority <folder>",
      "folder with the service's key (ca init --role central-bank) and certificate",
    )
    .requiredOption("--root <file>", "certificate of the root")
    .requiredOption(
      "--operator <key>",
      "public key of an operator, from `provider operator-key`; repeatable",
      collect(compressedKeyOption),
    )
    .requiredOption("--data-dir <folder>", "folder for the database")
    .option("--passphrase-file <file>", "with the passphrase of the key (or BEZANT_PASSPHRASE)")
    .option("--host <address>", "address to listen on (127.0.0.1)")
    .option("--port <n>", "port to listen on, 0 for any free one (8070)", portOption)
    .option("--window-seconds <n>", "close a settlement window so often by itself", countOption)
    .addHelpText(
      "after",
      "\nExample:\n  ./bezant central-bank init --out central-bank.json --authority ca/cb-service \\\n" +
        "    --root ca/root/certificate.hex --operator 02a1…9c --data-dir central-bank",
    )
    .action(async (options: Options) => {
      const { out } = options;
      try {
        await mkdir(dirname(resolve(out)), { recursive: true });
        const text = `${JSON.stringify(configOf(options), undefined, 2)}\n`;
        await writeFile(out, text, { flag: "wx", mode: 0o644 });
      } catch (error) {
        throw fileFailure(out, error);
      }
      const next = `./bezant central-bank serve --config ${out}`;
      cli.output.result(`Wrote ${out}. Start the service: ${next}`, { config: out });
    });
}

function configOf(options: Options): CentralBankConfig {
  const { out, authority, root, operator, dataDir } = options;
  const { passphraseFile, host, port, windowSeconds } = options;
  const folder = dirname(resolve(out));
  const at = (path: string): string => relative(folder, resolve(path)) || ".";
  return {
    authority: at(authority),
    root: at(root),
    dataDir: at(dataDir),
    operators: [...operator],
    ...(passphraseFile === undefined ? {} : { passphraseFile: at(passphraseFile) }),
    ...(host === undefined ? {} : { host }),
    ...(port === undefined ? {} : { port }),
    ...(windowSeconds === undefined ? {} : { windowSeconds }),
  };
}
