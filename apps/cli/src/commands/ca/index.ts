import type { Command } from "commander";
import type { Cli } from "../../cli.ts";
import { addDevice } from "./device.ts";
import { addInit } from "./init.ts";
import { addInstall } from "./install.ts";
import { addList } from "./list.ts";
import { addRoot } from "./root.ts";
import { addShow } from "./show.ts";
import { addSign } from "./sign.ts";
import { addVerify } from "./verify.ts";

/** `bezant ca`: tier 1, as ceremonies over encrypted key files. Nothing here talks to a network. */
export function addCa(ca: Command, cli: Cli): void {
  addRoot(ca, cli);
  addInit(ca, cli);
  addSign(ca, cli);
  addInstall(ca, cli);
  addDevice(ca, cli);
  addShow(ca, cli);
  addList(ca, cli);
  addVerify(ca, cli);
}
