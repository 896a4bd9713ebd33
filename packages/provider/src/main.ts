// node packages/provider/src/main.ts CONFIG: runs a provider until it is told to stop.
import process from "node:process";
import { runProcess } from "@bezant/service/server";
import { loadConfig } from "./server/load.ts";
import { readConfig } from "./server/config.ts";
import { startProvider } from "./server/start.ts";

await runProcess(async (file) => {
  const config = await readConfig(file);
  if (!config.ok) return config;
  const options = await loadConfig(config.value, process.env);
  return options.ok ? startProvider(options.value) : options;
});
