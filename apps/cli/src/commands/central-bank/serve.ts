import { loadConfig, readConfig, startCentralBank } from "@bezant/central-bank";
import type { Command } from "commander";
import type { Cli } from "../../cli.ts";
import { addServeCommand } from "../../service/serve.ts";

/** `bezant central-bank serve`: the service, until it is told to stop. */
export function addServe(bank: Command, cli: Cli): void {
  addServeCommand(bank, cli, {
    whose: "the central bank's",
    config: "central-bank init",
    example: "central-bank serve --config central-bank.json",
    read: readConfig,
    load: loadConfig,
    start: startCentralBank,
    who: ({ centralBank: { info } }) => [
      `The central bank ${info.id} serves ${info.currency}`,
      { centralBank: info.id, currency: info.currency },
    ],
  });
}
