import type { Command } from "commander";
import type { Cli } from "../../cli.ts";
import { addStatusListsCommand } from "../../service/status-lists.ts";
import { addConfig } from "./config.ts";
import { addOperatorKey } from "./operator-key.ts";
import { addOrders } from "./orders.ts";
import { addRestored } from "./restored.ts";
import { addRevocation } from "./revoke.ts";
import { addServe } from "./serve.ts";
import { addSettle } from "./settle.ts";
import { addSupply } from "./supply.ts";
import { addWriteOff } from "./write-off.ts";

/** `bezant provider`: the server, and what its operator orders. */
export function addProvider(provider: Command, cli: Cli): void {
  addOperatorKey(provider, cli);
  addConfig(provider, cli);
  addServe(provider, cli);
  addOrders(provider, cli);
  addRevocation(provider, cli);
  addRestored(provider, cli);
  addWriteOff(provider, cli);
  addSettle(provider, cli);
  addSupply(provider, cli);
  const example = "provider status-lists bank.status --url http://127.0.0.1:8080";
  addStatusListsCommand(provider, cli, example);
}
