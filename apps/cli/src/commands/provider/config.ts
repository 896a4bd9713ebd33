import type { Amount, CompressedKey, SecurityLevel } from "@bezant/protocol";
import { Option, type Command } from "commander";
import type { Cli } from "../../cli.ts";
import { EXIT } from "../../exit-codes.ts";
import { Failure } from "../../failure.ts";
import { fileFailure } from "../../files.ts";
import {
  amountOption,
  balanceOption,
  collect,
  compressedKeyOption,
  countOption,
  levelOption,
  otherProviderOption,
  portOption,
  providerAddressOption,
  urlOption,
  type OtherProvider,
} from "../../options.ts";
import { tlsOptions, tlsSettings, type TlsOptions } from "../../service/tls.ts";
import { writeProviderConfig } from "../../provider/config-file.ts";

type Options = TlsOptions & {
  readonly out: string;
  readonly authority: string;
  readonly intermediary: string;
  readonly root: string;
  readonly oemRoot: readonly string[];
  readonly oemService?: string;
  readonly oemTlsRoot?: string;
  readonly operator: readonly CompressedKey[];
  readonly dataDir: string;
  readonly passphraseFile?: string;
  readonly host?: string;
  readonly port?: number;
  readonly centralBank?: string;
  readonly settleEvery?: number;
  readonly institutionsPort?: number;
  readonly institutionsAddress?: string;
  readonly otherProvider?: readonly OtherProvider[];
  readonly allowanceStep?: Amount;
  readonly minimumLevel: SecurityLevel;
  readonly limitsVersion: number;
  readonly maxHolding: Amount;
  readonly maxPayment: Amount;
  readonly maxCount: number;
  readonly maxValue: Amount;
  readonly withoutPin: Amount;
  readonly unchecked?: Amount;
};

/** `bezant provider config`: everything that a provider's server has to be told, in one file. */
export function addConfig(provider: Command, cli: Cli): void {
  tlsOptions(provider.command("config"))
    .description("write the configuration of a provider's server")
    .requiredOption("--out <file>", "file to write; paths in it are relative to it")
    .requiredOption("--authority <folder>", "folder with the provider's key and certificate")
    .requiredOption("--intermediary <file>", "certificate of the intermediary above")
    .requiredOption("--root <file>", "certificate of the central bank root")
    .requiredOption("--oem-root <file>", "root of a manufacturer of devices; repeatable", collect())
    .option(
      "--oem-service <url>",
      "where that manufacturer's service is, to ask about each device",
      urlOption,
    )
    .option("--oem-tls-root <file>", "its root's CA certificate, PEM; with https and --tls")
    .requiredOption(
      "--operator <key>",
      "public key of an operator, from operator-key; repeatable",
      collect(compressedKeyOption),
    )
    .requiredOption("--data-dir <folder>", "folder for the database and the server's own files")
    .option("--passphrase-file <file>", "with the passphrase of the key (or BEZANT_PASSPHRASE)")
    .option("--host <address>", "address to listen on (127.0.0.1)")
    .option("--port <n>", "port to listen on, 0 for any free one (8080)", portOption)
    .option(
      "--central-bank <url>",
      "where the central bank's service is, to settle with",
      urlOption,
    )
    .option("--settle-every <seconds>", "how often by itself (60)", countOption)
    .option(
      "--allowance-step <amount>",
      "by how much deposits are prefunded at a time",
      amountOption,
    )
    .option(
      "--institutions-port <n>",
      "port to serve other providers on, over mutual TLS; with --tls",
      portOption,
    )
    .option(
      "--institutions-address <url>",
      "where other providers reach that port, for the central bank's directory: https://host:port",
      providerAddressOption,
    )
    .option(
      "--other-provider <id=url>",
      "where another provider serves this one, if not where the directory says; repeatable",
      collect(otherProviderOption),
    )
    .option("--minimum-level <n>", "devices accepted: 1 software, 2 TPM, 3 TEE", levelOption, 2)
    .option("--limits-version <n>", "rises with every change of the limits", countOption, 1)
    .addOption(money("--max-holding <amount>", "a device holds at most", "500.00"))
    .addOption(money("--max-payment <amount>", "one payment is at most", "100.00"))
    .option("--max-count <n>", "offline payments until a device goes online", countOption, 50)
    .addOption(money("--max-value <amount>", "their value together", "300.00"))
    .addOption(money("--without-pin <amount>", "value payable without a PIN", "50.00"))
    .option(
      "--unchecked <amount>",
      "paid and taken from devices whose standing is unknown, between two syncs (as without a PIN)",
      balanceOption,
    )
    .addHelpText(
      "after",
      "\nExample:\n  ./bezant provider config --out provider.json --authority ca/aurum --intermediary bank.crt \\\n" +
        "    --root ca/root/certificate.hex --oem-root ca/oem/certificate.hex --operator 02a1…9c --data-dir provider",
    )
    .action(async (options: Options) => {
      const { out, oemRoot, operator, limitsVersion, withoutPin, unchecked, ...rest } = options;
      const { otherProvider: providers, institutionsPort, institutionsAddress } = options;
      const tls = tlsSettings(options);
      if (institutionsPort !== undefined && tls === undefined) {
        throw new Failure("--institutions-port needs --tls.", EXIT.usage);
      }
      if (institutionsAddress !== undefined && institutionsPort === undefined) {
        throw new Failure("--institutions-address needs --institutions-port.", EXIT.usage);
      }
      if (providers !== undefined && institutionsPort === undefined) {
        throw new Failure("--other-provider needs --institutions-port.", EXIT.usage);
      }
      const verifiers = verifiersOf(options);
      const { maxHolding, maxPayment, maxCount, maxValue } = options;
      const amounts = {
        maxHolding,
        maxPayment,
        maxValue,
        noPinCap: withoutPin,
        uncheckedCap: unchecked,
      };
      const limits = { version: limitsVersion, maxCount, ...amounts };
      try {
        await writeProviderConfig(out, {
          ...rest,
          oemRoots: oemRoot,
          verifiers,
          providers,
          operators: operator,
          limits,
          tls,
        });
      } catch (error) {
        throw fileFailure(out, error);
      }
      const { minimumLevel } = options;
      if (minimumLevel > 1) {
        cli.output.progress(
          `Software devices will be refused: --minimum-level is ${minimumLevel}. For a trial on this machine alone: --minimum-level 1.`,
        );
      }
      cli.output.result(
        `Wrote ${out}. Start the provider: ./bezant provider serve --config ${out}`,
        {
          config: out,
        },
      );
    });
}

function verifiersOf({ oemRoot, oemService: url, oemTlsRoot: tlsRoot, tls }: Options) {
  if (url === undefined && tlsRoot === undefined) return undefined;
  const [root, ...others] = oemRoot;
  if (url === undefined || root === undefined || others.length > 0) {
    throw new Failure("--oem-service is of one --oem-root.", EXIT.usage);
  }
  const isTls = url.startsWith("https:");
  if (isTls !== (tlsRoot !== undefined) || (isTls && tls === undefined)) {
    throw new Failure("https, --oem-tls-root and --tls go together.", EXIT.usage);
  }
  return [{ oemRoot: root, url, ...(tlsRoot === undefined ? {} : { tlsRoot }) }];
}

function money(flags: string, description: string, otherwise: string): Option {
  const value = balanceOption(otherwise);
  return new Option(flags, description).argParser(balanceOption).default(value, otherwise);
}
