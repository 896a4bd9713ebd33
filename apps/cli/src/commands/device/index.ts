import type { Command } from "commander";
import type { Cli } from "../../cli.ts";
import { addCreate } from "./create.ts";
import { addInfo } from "./info.ts";
import { addServe } from "./serve.ts";
import { addUpdate } from "./update.ts";

/** `bezant device`: secure devices, here in software. */
export function addDevice(device: Command, cli: Cli): void {
  addCreate(device, cli);
  addServe(device, cli);
  addUpdate(device, cli);
  addInfo(device, cli);
}
