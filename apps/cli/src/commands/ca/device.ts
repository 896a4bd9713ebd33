import { certifyDevice } from "@bezant/pki";
import type { CompressedKey, SecurityLevel } from "@bezant/protocol";
import type { Command } from "commander";
import type { Cli } from "../../cli.ts";
import { Refused } from "../../failure.ts";
import { writeHexFile } from "../../files.ts";
import { authorityIn } from "../../folders.ts";
import { compressedKeyOption, daysOption, levelOption } from "../../options.ts";
import { PASSPHRASE_FILE, type PassphraseOptions } from "../../passphrase.ts";

type Options = PassphraseOptions & {
  readonly dir: string;
  readonly key: CompressedKey;
  readonly level: SecurityLevel;
  readonly days: number;
  readonly out: string;
};

/** `bezant ca device`: the manufacturer certifies a device key that it put into the hardware. */
export function addDevice(ca: Command, cli: Cli): void {
  ca.command("device")
    .description("certify a device's key under a manufacturer's root")
    .requiredOption("--dir <folder>", "folder of the manufacturer's root")
    .requiredOption("--key <hex>", "D.vk, compressed, 33 bytes", compressedKeyOption)
    .requiredOption("--out <file>", "where to write the certificate")
    .option("--level <n>", "1 software, 2 TPM, 3 TEE or secure element", levelOption, 1)
    .option("--days <n>", "validity", daysOption, 3650)
    .option(...PASSPHRASE_FILE)
    .addHelpText(
      "after",
      "\nExample:\n  ./bezant ca device --dir ca/oem --key 03a1…9c --level 1 --out device.crt",
    )
    .action(async (options: Options) => {
      const { dir, key, level, days, out } = options;
      const oem = await authorityIn(dir, cli, options);
      const device = { key, securityLevel: level };
      const certificate = await certifyDevice(oem, device, { now: cli.now(), days });
      if (!certificate.ok) throw new Refused(certificate.error);
      await writeHexFile(out, certificate.value);
      cli.output.result(`Certified the device key ${key}, in ${out}.`, {
        publicKey: key,
        securityLevel: level,
        certificate: out,
      });
    });
}
