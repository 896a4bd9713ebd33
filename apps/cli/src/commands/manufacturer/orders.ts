import type { MakerOrder } from "@bezant/manufacturer";
import { isDeviceId, type DeviceId } from "@bezant/protocol";
import { OPS_TA_UUID } from "@bezant/tee/client";
import { InvalidArgumentError, type Command } from "commander";
import type { Cli } from "../../cli.ts";
import { readHexFile } from "../../files.ts";
import { countOption } from "../../options.ts";
import { makerOperatorOf, makerOptions, type MakerOptions } from "./options.ts";

const EXAMPLE = "--url http://127.0.0.1:8083 --key maker/operator";

/** What the operator orders about devices and releases that are there. */
export function addOrders(manufacturer: Command, cli: Cli): void {
  const command = (name: string, description: string): Command =>
    makerOptions(manufacturer.command(name).description(description));

  command("enrol", "take a device into the registry, by its certificate")
    .argument("<file>", "the device's certificate, from `ca device` or `device create`")
    .addHelpText("after", `\nExample:\n  ./bezant manufacturer enrol device.crt ${EXAMPLE}`)
    .action(async (file: string, options: MakerOptions) => {
      const certificate = await readHexFile(file);
      await carryOut(cli, options, { kind: "enrol", certificate }, (id) => `Enrolled ${id}.`);
    });

  command("revoke", "revoke a device, for ever")
    .argument("<device>", "the device's id", deviceOption)
    .addHelpText("after", `\nExample:\n  ./bezant manufacturer revoke 5d…02 ${EXAMPLE}`)
    .action(async (device: DeviceId, options: MakerOptions) => {
      await carryOut(cli, options, { kind: "revoke", device }, (id) => `Revoked ${id}.`);
    });

  command("withdraw", "withdraw a release, for ever")
    .argument("<version>", "its version", countOption)
    .addHelpText("after", `\nExample:\n  ./bezant manufacturer withdraw 2 ${EXAMPLE}`)
    .action(async (version: number, options: MakerOptions) => {
      const uuid = OPS_TA_UUID.replaceAll("-", "");
      const order = { kind: "withdraw", uuid, version } as const;
      await carryOut(cli, options, order, () => `Withdrew version ${version}.`);
    });
}

async function carryOut(
  cli: Cli,
  options: MakerOptions,
  order: Exclude<MakerOrder, { kind: "publish" }>,
  say: (about: string) => string,
): Promise<void> {
  const operator = await makerOperatorOf(cli, options);
  const about = await operator.order(order);
  cli.output.result(say(about), { kind: order.kind, about });
}

function deviceOption(text: string): DeviceId {
  if (!isDeviceId(text)) {
    throw new InvalidArgumentError("A device's id is 64 hexadecimal digits in lower case.");
  }
  return text;
}
