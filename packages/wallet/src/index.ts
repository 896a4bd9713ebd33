export type { Asked } from "./payment/inspect.ts";
export type { Paid } from "./payment/pay.ts";
export type { Balance } from "./view/balance.ts";
export type { Cancelled } from "./request/cancel.ts";
export type { Claims, PaymentId } from "./receipt/claim.ts";
export type {
  BodyReader,
  Clock,
  Fetch,
  HttpRequest,
  HttpResponse,
  WalletParts,
} from "./core/parts.ts";
export type { Declined } from "./receipt/decline.ts";
export type { Deposited } from "./deposit/deposit.ts";
export {
  openDevice,
  type Device,
  type DeviceFailure,
  type DeviceRefusal,
} from "./device/device.ts";
export type { HistoryEntry } from "./view/history.ts";
export type { OnlineBalance, OnlineTransfer } from "./provider-client/provider.ts";
export type { OnlineHistory } from "./view/online.ts";
export type { Operation } from "./core/journal.ts";
export type { PaidOnline } from "./online/pay-online.ts";
export type { PinRefusal } from "./pin/pin.ts";
export type { Received, ReceiveRefusal } from "./receipt/receive.ts";
export {
  explainRefusal,
  explanation,
  WALLET_REFUSALS,
  type Explanation,
  type WalletCode,
  type WalletRefusal,
  type WalletRefusalCode,
} from "./refusals.ts";
export type { Refunded } from "./payment/refund.ts";
export type { RegisteredTa } from "./registration/register-ta.ts";
export type { RegisteredWallet } from "./registration/register.ts";
export type { Requested, RequestTerms } from "./request/request-payment.ts";
export type { RequestRecord } from "./request/records.ts";
export type { RetiredTa } from "./registration/retire.ts";
export type { Settled } from "./payment/settle.ts";
export type { Status } from "./view/status.ts";
export {
  StoreFault,
  type Change,
  type Row,
  type Store,
  type StoreFaultCode,
} from "./store/store.ts";
export type { FetchedStatus } from "./status/fetch.ts";
export type { SyncReport } from "./sync/sync.ts";
export type { Unfinished } from "./resume.ts";
export { createWallet, type Wallet } from "./wallet.ts";
export type { Withdrawn } from "./withdrawal/withdraw.ts";
export { collectOver, type CollectOptions } from "./exchange/collect-over.ts";
export type { Patience, Timer } from "./exchange/conversation.ts";
export { payOver, type PaidOver, type PayOptions } from "./exchange/pay-over.ts";
export type { Channel } from "./transport/channel.ts";
export { channelPair } from "./transport/pair.ts";
export {
  decodeText,
  encodeText,
  kindOf,
  type MessageKind,
  type TextMessage,
} from "./transport/text.ts";
