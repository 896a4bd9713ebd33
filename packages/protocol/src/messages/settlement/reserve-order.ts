import { variants, type Infer } from "../../cbor/index.ts";
import { field } from "../../fields.ts";
import { defineMessage } from "../message.ts";

const orderId = field.nonce;
const provider = field.institutionId;

const payload = variants("kind", 1, {
  /** Makes money, and credits it to a provider's reserves. */
  issue: [0, { orderId: [2, orderId], provider: [3, provider], amount: [4, field.amount] }],
  /** Takes money out of a provider's reserves, and unmakes it. */
  redeem: [1, { orderId: [2, orderId], provider: [3, provider], amount: [4, field.amount] }],
  /** Opens a provider's accounts, or opens them again; `limit` is what its prefunding may hold at once. */
  open: [2, { orderId: [2, orderId], provider: [3, provider], limit: [4, field.balance] }],
  suspend: [3, { orderId: [2, orderId], provider: [3, provider] }],
  "close-window": [4, { orderId: [2, orderId], window: [5, field.counter] }],
  /** Raises a provider's deposit allowance to this cumulative amount. */
  allow: [5, { orderId: [2, orderId], provider: [3, provider], amount: [4, field.amount] }],
});

/** What the central bank's operator orders, signed by one of the operator's keys; carried out once for each order id. */
export const reserveOrder = defineMessage({
  typ: 65_021,
  name: "reserve-order",
  signedBy: "institution",
  payload,
});

export type ReserveOrder = Infer<typeof payload>;
