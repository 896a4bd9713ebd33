import { writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { generatePrivateKey, publicKeyOf, writeKey } from "@bezant/pki/node";
import { toHex } from "@bezant/protocol";
import { measureTos } from "@bezant/tee";
import type { Command } from "commander";
import type { Cli } from "../../cli.ts";
import { fileFailure, writeHexFile } from "../../files.ts";
import { authorityIn, folderFailure } from "../../folders.ts";
import { appoint } from "../../manufacturer/appoint.ts";
import { daysOption, portOption } from "../../options.ts";
import { passphrase, PASSPHRASE_FILE, type PassphraseOptions } from "../../passphrase.ts";

type Options = PassphraseOptions & {
  readonly dir: string;
  readonly oem: string;
  readonly days: number;
  readonly port?: number;
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
    .option(...PASSPHRASE_FILE)
    .addHelpText("after", "\nExample:\n  ./bezant manufacturer init --dir maker --oem ca/oem")
    .action(async (options: Options) => {
      const { dir, oem, days, port, passphraseFile } = options;
      const root = await authorityIn(oem, cli, options);
      const secret = await passphrase(cli, options);
      const keys: Record<string, string> = {};
      for (const name of ["service", "operator"]) {
        const key = generatePrivateKey();
        const written = await writeKey(join(dir, name), key, secret);
        if (!written.ok) throw folderFailure(join(dir, name), written.error);
        keys[name] = publicKeyOf(key).compressed;
        if (name !== "service") continue;
        const holder = { purpose: "service", name: root.claims.sub, key } as const;
        const appointment = await appoint(root, holder, { now: cli.now(), days });
        await writeHexFile(join(dir, "service.appointment"), appointment);
      }
      await writeHexFile(join(dir, "root.crt"), root.certificate);
      const tos = measureTos();
      const config = {
        key: "service",
        appointment: "service.appointment",
        root: "root.crt",
        dataDir: "data",
        operators: [keys["operator"]],
        trustedOses: [{ measurement: toHex(tos.measurement), version: tos.version }],
        ...(port === undefined ? {} : { port }),
        ...(passphraseFile === undefined ? {} : { passphraseFile: resolve(passphraseFile) }),
      };
      const file = join(dir, "manufacturer.json");
      try {
        await writeFile(file, `${JSON.stringify(config, undefined, 2)}\n`, { flag: "wx" });
      } catch (error) {
        throw fileFailure(file, error);
      }
      cli.output.result(
        `Set up ${root.claims.sub}'s service in ${dir}. Start it: ./bezant manufacturer serve --config ${file}`,
        { dir, config: file, manufacturer: root.claims.sub },
      );
    });
}
