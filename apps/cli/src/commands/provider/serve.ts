import { loadConfig, readConfig, startProvider } from "@bezant/provider";
import type { Command } from "commander";
import type { Cli } from "../../cli.ts";
import { addServeCommand } from "../../service/serve.ts";

/** `bezant provider serve`: a provider's server, until it is told to stop. */
export function addServe(provider: Command, cli: Cli): void {
  addServeCommand(provider, cli, {
    whose: "a provider's",
    config: "provider config",
    example: "provider serve --config provider.json",
    read: readConfig,
    load: loadConfig,
    start: startProvider,
    who: ({ provider: { info } }) => [
      `The provider ${info.id} serves ${info.currency}`,
      { provider: info.id, currency: info.currency },
    ],
  });
}
