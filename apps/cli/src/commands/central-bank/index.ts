import type { Command } from "commander";
import type { Cli } from "../../cli.ts";
import { addInit } from "./init.ts";
import { addOrders } from "./orders.ts";
import { addServe } from "./serve.ts";
import { addSupply } from "./supply.ts";

/** `bezant central-bank`: the service, and what its operator orders. */
export function addCentralBank(bank: Command, cli: Cli): void {
  addInit(bank, cli);
  addServe(bank, cli);
  addOrders(bank, cli);
  addSupply(bank, cli);
}
