import { join } from "node:path";
import { generatePrivateKey, publicKeyOf, writeKey } from "@bezant/pki/node";
import type { CompressedKey } from "@bezant/protocol";
import type { Command } from "commander";
import type { Cli } from "../../cli.ts";
import { EXIT } from "../../exit-codes.ts";
import { Failure } from "../../failure.ts";
import { fileFailure, writeHexFile } from "../../files.ts";
import { authorityIn, folderFailure } from "../../folders.ts";
import { appoint } from "../../manufacturer/appoint.ts";
import { writeManufacturerConfig } from "../../manufacturer/config-file.ts";
import { collect, daysOption, portOption } from "../../options.ts";
import { passphrase, PASSPHRASE_FILE, type PassphraseOptions } from "../../passphrase.ts";

type Options = PassphraseOptions & {
  readonly dir: string;
  readonly oem: string;
  readonly days: number;
  readonly port?: number;
  readonly tls?: string;
  readonly tlsRoot?: readonly string[];
  readonly tlsPort?: number;
};

/** `bezant manufacturer init`: keys for the service and its operator, the root's appointment, and the configuration. */
export function addInit(manufacturer: Command, cli: Cli): void {
  manufacturer
    .command("init")
    .description("set up a manufacturer's service under its root")
    .requiredOption("--dir <folder>", "folder to make")
    .requiredOption(
      "--oem <folder>",
      "folder of the manufacturer's root, which is not needed later",
    )
    .option("--days <n>", "how long the root appoints the service", daysOption, 365)
    .option("--port <n>", "port to listen on, 0 for any free one (8083)", portOption)
    .option("--tls <folder>", "its TLS identity: institutions are served over mutual TLS alone")
    .option(
      "--tls-root <file>",
      "CA certificate of a root that they are under, its own too, PEM; repeatable",
      collect(),
    )
    .option("--tls-port <n>", "port for institutions, 0 for any free one (8084)", portOption)
    .option(...PASSPHRASE_FILE)
    .addHelpText(
      "after",
      "\nExamples:\n  ./bezant manufacturer init --dir maker --oem ca/oem\n" +
        "  ./bezant manufacturer init --dir maker --oem ca/oem --tls tls/oem --tls-root ca/oem/ca.pem --tls-root ca/root/ca.pem",
    )
    .action(async (options: Options) => {
      const { dir, oem, days, port, passphraseFile } = options;
      const institutions = institutionsOf(options);
      const root = await authorityIn(oem, cli, options);
      const secret = await passphrase(cli, options);
      const newKey = async (name: string): Promise<CompressedKey> => {
        const key = generatePrivateKey();
        const written = await writeKey(join(dir, name), key, secret);
        if (!written.ok) throw folderFailure(join(dir, name), written.error);
        return publicKeyOf(key).compressed;
      };
      const { sub: name } = root.claims;
      const service = { purpose: "service", name, key: await newKey("service") } as const;
      const appointment = join(dir, "service.appointment");
      await writeHexFile(appointment, await appoint(root, service, { now: cli.now(), days }));
      const certificate = join(dir, "root.crt");
      await writeHexFile(certificate, root.certificate);
      const file = join(dir, "manufacturer.json");
      const settings = {
        key: join(dir, "service"),
        appointment,
        root: certificate,
        dataDir: join(dir, "data"),
        operators: [await newKey("operator")],
        port,
        passphraseFile,
        institutions,
      };
      try {
        await writeManufacturerConfig(file, settings);
      } catch (error) {
        throw fileFailure(file, error);
      }
      cli.output.result(
        `Set up ${name}'s service in ${dir}. Start it: ./bezant manufacturer serve --config ${file}`,
        { dir, config: file, manufacturer: name },
      );
    });
}

function institutionsOf({ tls, tlsRoot = [], tlsPort }: Options) {
  if (tls === undefined && tlsRoot.length === 0 && tlsPort === undefined) return undefined;
  if (tls !== undefined && tlsRoot.length > 0) {
    return { identity: tls, roots: tlsRoot, port: tlsPort };
  }
  throw new Failure("--tls and --tls-root go together.", EXIT.usage);
}
