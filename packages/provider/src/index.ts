export type { Flow, Position } from "./audit/position.ts";
export type { Mismatch } from "./audit/rows.ts";
export { isBalanced, type Supply } from "./audit/supply.ts";
export type { ClientBalance, TaBalance } from "./balance/balance.ts";
export { httpProvider, type OtherProvider } from "./elsewhere/other-provider.ts";
export type { HistoryEntry, HistoryPage, HistoryQuery } from "./balance/history.ts";
export { httpVerifier, type Fetch } from "./attestation/http.ts";
export type { OemVerifier } from "./attestation/verifier.ts";
export { certificateIssuer, type CertificateIssuer } from "./core/issuer.ts";
export type { Identity, ProviderParts } from "./core/parts.ts";
export { DEFAULT_POLICY, type ClaimPolicy, type Policy } from "./core/policy.ts";
export type { DepositRefusal } from "./deposit/deposit.ts";
export type { Balances, Tampered } from "./ledger/index.ts";
export type { PaymentReceipt } from "./online-payment/pay.ts";
export { operatorContext, operatorOrder, type OperatorOrder } from "./operator/order.ts";
export { restoredOrder } from "./operator/restored.ts";
export { settleOrder } from "./operator/settle.ts";
export { supplyQuery } from "./operator/supply.ts";
export { writeOffOrder, type WriteOffOrder } from "./operator/write-off.ts";
export { createProvider, type Provider, type ProviderInfo } from "./provider.ts";
export type { RetirementReceipt } from "./retirement/retire.ts";
export {
  httpCentralBank,
  type CentralBank,
  type CentralBankRoute,
  type PostBytes,
} from "./settlement/central-bank.ts";
export type { Settlement } from "./settlement/settle.ts";
export type { StatusReceipt } from "./status/carry-out.ts";
export { statusOrder, type StatusOrder } from "./status/order.ts";
export type { Challenge } from "./token/challenge.ts";
export type { Token } from "./token/token.ts";
export { readConfig, type ProviderConfig } from "./server/config.ts";
export { loadConfig } from "./server/load.ts";
export {
  startProvider,
  type RunningProvider,
  type StartError,
  type StartOptions,
} from "./server/start.ts";
