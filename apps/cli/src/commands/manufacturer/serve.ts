import { loadConfig, readConfig, startManufacturer } from "@bezant/manufacturer";
import type { Command } from "commander";
import type { Cli } from "../../cli.ts";
import { addServeCommand } from "../../service/serve.ts";

/** `bezant manufacturer serve`: a manufacturer's server, until it is told to stop. */
export function addServe(manufacturer: Command, cli: Cli): void {
  addServeCommand(manufacturer, cli, {
    whose: "a manufacturer's",
    config: "manufacturer init",
    example: "manufacturer serve --config maker/manufacturer.json",
    read: readConfig,
    load: loadConfig,
    start: startManufacturer,
    who: ({ url, institutionsUrl, manufacturer: { info } }) => [
      institutionsUrl === url
        ? `The manufacturer ${info.id} serves`
        : `The manufacturer ${info.id} serves institutions at ${institutionsUrl}, and devices`,
      { manufacturer: info.id, institutionsUrl },
    ],
  });
}
