export {
  DEFAULT_POLICY,
  type Identity,
  type ManufacturerParts,
  type Policy,
} from "./core/parts.ts";
export { createManufacturer, type Manufacturer } from "./manufacturer.ts";
export { createApp } from "./http/app.ts";
export { openDatabase, type DatabaseOptions } from "./database.ts";
export { makerOrder, makerOrderContext, type MakerOrder } from "./operator/order.ts";
export { publication } from "./operator/carry-out.ts";
export { readConfig, type ManufacturerConfig } from "./server/config.ts";
export { loadConfig } from "./server/load.ts";
export {
  startManufacturer,
  type RunningManufacturer,
  type StartError,
  type StartOptions,
} from "./server/start.ts";
