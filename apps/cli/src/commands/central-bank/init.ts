import type { CompressedKey } from "@bezant/protocol";
import type { Command } from "commander";
import { writeCentralBankConfig } from "../../central-bank/config-file.ts";
import type { Cli } from "../../cli.ts";
import { fileFailure } from "../../files.ts";
import { tlsOptions, tlsSettings, type TlsOptions } from "../../service/tls.ts";
import { collect, compressedKeyOption, countOption, portOption } from "../../options.ts";

type Options = TlsOptions & {
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
  tlsOptions(bank.command("init"))
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
      const { out, operator, ...rest } = options;
      const tls = tlsSettings(options);
      try {
        await writeCentralBankConfig(out, { ...rest, operators: operator, tls });
      } catch (error) {
        throw fileFailure(out, error);
      }
      const next = `./bezant central-bank serve --config ${out}`;
      cli.output.result(`Wrote ${out}. Start the service: ${next}`, { config: out });
    });
}
