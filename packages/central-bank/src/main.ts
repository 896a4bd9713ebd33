// node packages/central-bank/src/main.ts CONFIG: runs a central bank's service until it is told to stop.
import process from "node:process";
import { runProcess } from "@bezant/service/server";
import { readConfig } from "./server/config.ts";
import { loadConfig } from "./server/load.ts";
import { startCentralBank } from "./server/start.ts";

await runProcess(async (file) => {
  const config = await readConfig(file);
  if (!config.ok) return config;
  const options = await loadConfig(config.value, process.env);
  return options.ok ? startCentralBank(options.value) : options;
});
