export { supplyQuery } from "./audit/ask.ts";
export { isBalanced, type ProviderSupply, type Supply, type Tampered } from "./audit/audit.ts";
export {
  combine,
  type CombinedAudit,
  type Finding,
  type ProviderAudit,
  type ProviderLedger,
} from "./audit/combine.ts";
export type { Mismatch } from "./audit/messages.ts";
export { createCentralBank, type CentralBank, type CentralBankInfo } from "./central-bank.ts";
export type { CentralBankParts, Identity } from "./core/parts.ts";
export { readConfig, type CentralBankConfig } from "./server/config.ts";
export { loadConfig } from "./server/load.ts";
export {
  startCentralBank,
  type RunningCentralBank,
  type StartError,
  type StartOptions,
} from "./server/start.ts";
