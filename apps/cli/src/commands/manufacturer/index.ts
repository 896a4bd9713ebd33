import type { Command } from "commander";
import type { Cli } from "../../cli.ts";
import { addDeveloper } from "./developer.ts";
import { addInit } from "./init.ts";
import { addOrders } from "./orders.ts";
import { addRelease } from "./release.ts";
import { addServe } from "./serve.ts";
import { addSign } from "./sign.ts";

/** `bezant manufacturer`: who makes devices, and what may run on them. */
export function addManufacturer(manufacturer: Command, cli: Cli): void {
  addInit(manufacturer, cli);
  addServe(manufacturer, cli);
  addDeveloper(manufacturer, cli);
  addSign(manufacturer, cli);
  addRelease(manufacturer, cli);
  addOrders(manufacturer, cli);
}
