import { map, optional, type Infer } from "../cbor/index.ts";
import { field } from "../fields.ts";
import { defineMessage } from "./message.ts";

const payload = map({
  amount: [1, field.amount],
  receiver: [2, field.walletId],
  /** Used once per client; makes a retry the same order. */
  orderId: [3, field.nonce],
  /** The receiver's provider, where it is another one. */
  provider: [4, optional(field.institutionId)],
});

/** §2.1 of the paper: a payment between online balances. */
export const onlinePaymentOrder = defineMessage({
  typ: 65_016,
  name: "online-payment-order",
  signedBy: "holder",
  payload,
});

export type OnlinePaymentOrder = Infer<typeof payload>;
