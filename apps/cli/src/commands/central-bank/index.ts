import type { Command } from "commander";
import type { Cli } from "../../cli.ts";
import { addStatusListsCommand } from "../../service/status-lists.ts";
import { addDirectory } from "./directory.ts";
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
  addDirectory(bank, cli);
  const at = "https://127.0.0.1:8070 --tls tls/cb --tls-root ca/root/ca.pem";
  addStatusListsCommand(bank, cli, `central-bank status-lists bank.status --url ${at}`);
}
