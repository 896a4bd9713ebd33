export { machineClock } from "./clock.ts";
export { pathSchema, readConfigFile, type ConfigError, type ConfigFile } from "./config-file.ts";
export {
  certificateIn,
  loading,
  loadKey,
  loadRoot,
  loadSecret,
  pointOf,
  readHex,
  Unloadable,
} from "./load.ts";
export { asNow, loadTls, tlsPaths, tlsSchema, type LoadedTls, type TlsConfig } from "./tls.ts";
export { runProcess, type Running } from "./process.ts";
