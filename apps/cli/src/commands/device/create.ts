import { certifyDevice } from "@bezant/pki";
import { createDevice } from "@bezant/tee";
import type { Command } from "commander";
import type { Cli } from "../../cli.ts";
import { explainFault } from "../../device/faults.ts";
import { Failure, Refused } from "../../failure.ts";
import { writeHexFile } from "../../files.ts";
import { authorityIn } from "../../folders.ts";
import { rootOf } from "../../manufacturer/appoint.ts";
import { daysOption } from "../../options.ts";
import { PASSPHRASE_FILE, type PassphraseOptions } from "../../passphrase.ts";

type Options = PassphraseOptions & {
  readonly dir: string;
  readonly oem: string;
  readonly days: number;
  readonly out?: string;
};

/** `bezant device create`: the manufacturer makes a software device, certifies its key, and puts the TA of this release in it. */
export function addCreate(device: Command, cli: Cli): void {
  device
    .command("create")
    .description("make a secure device in software, certified by a manufacturer")
    .requiredOption("--dir <folder>", "folder to make")
    .requiredOption("--oem <folder>", "folder of the manufacturer's root")
    .option("--out <file>", "also write the certificate, for the manufacturer's registry")
    .option("--days <n>", "validity of the device's certificate", daysOption, 3650)
    .option(...PASSPHRASE_FILE)
    .addHelpText("after", "\nExample:\n  ./bezant device create --dir phone --oem ca/oem")
    .action(async (options: Options) => {
      const { dir, oem, days, out } = options;
      const certificates: Uint8Array[] = [];
      const manufacturer = await authorityIn(oem, cli, options);
      const certify = async (key: Parameters<typeof certifyDevice>[1]): Promise<Uint8Array> => {
        const certificate = await certifyDevice(manufacturer, key, { now: cli.now(), days });
        if (!certificate.ok) throw new Refused(certificate.error);
        certificates.push(certificate.value);
        return certificate.value;
      };
      const updatesFrom = rootOf(manufacturer);
      const made = await createDevice(dir, { identity: { certify }, manufacturer: updatesFrom });
      if (!made.ok) throw creationFailure(dir, made.error);
      const { deviceId, deviceKey } = made.value;
      if (out !== undefined) await writeHexFile(out, certificates.at(-1) ?? new Uint8Array());
      cli.output.result(
        `Made a device in ${dir}, with id ${deviceId}.\nIts security level is software: for demonstration only.`,
        { dir, deviceId, publicKey: deviceKey.compressed, securityLevel: 1 },
      );
    });
}

type CreationError = Extract<Awaited<ReturnType<typeof createDevice>>, { ok: false }>["error"];

function creationFailure(dir: string, error: CreationError): Failure | Refused {
  switch (error.code) {
    case "folder-exists":
      return new Failure(`${dir} is already there and is not overwritten`);
    case "wrong-certificate":
      return new Failure("the manufacturer's certificate is not for this device");
    default:
      return new Refused(explainFault(error));
  }
}
