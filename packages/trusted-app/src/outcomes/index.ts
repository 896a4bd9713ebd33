export { confirm, type Confirmation } from "./confirmations.ts";
export {
  acknowledge,
  concerned,
  earlierPayment,
  pay,
  release,
  settle,
  type Notice,
  type PaymentOrder,
} from "./payments.ts";
export {
  hasHeadroom,
  isU64,
  MAX_OUTCOMES,
  MAX_PAYMENTS,
  MAX_REQUESTS,
  MAX_U32,
  type Id,
  type OpenRequest,
  type Outcome,
  type Payment,
  type Purse,
  type PurseEvent,
  type Step,
} from "./purse.ts";
export { cancelRequest, collect, openRequest, recall } from "./requests.ts";
