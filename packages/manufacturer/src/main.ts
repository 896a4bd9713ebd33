// node packages/manufacturer/src/main.ts CONFIG: runs a manufacturer's server until it is told to stop.
import process from "node:process";
import { runProcess } from "@bezant/service/server";
import { readConfig } from "./server/config.ts";
import { loadConfig } from "./server/load.ts";
import { startManufacturer } from "./server/start.ts";

await runProcess(async (file) => {
  const config = await readConfig(file);
  if (!config.ok) return config;
  const options = await loadConfig(config.value, process.env);
  return options.ok ? startManufacturer(options.value) : options;
});
