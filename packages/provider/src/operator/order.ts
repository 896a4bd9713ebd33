import {
  defineMessage,
  field,
  named,
  variants,
  type Context,
  type Infer,
  type ProviderId,
} from "@bezant/protocol";
import type { Identity } from "../core/parts.ts";

const client = field.walletId;
const orderId = field.nonce;

const payload = variants("kind", 1, {
  /** Credits the client's online balance from the provider's reserves. */
  fund: [0, { orderId: [2, orderId], client: [3, client], amount: [4, field.amount] }],
  /** Opening an account releases what is in suspense. */
  "set-status": [
    1,
    {
      orderId: [2, orderId],
      client: [3, client],
      status: [5, named({ open: 0, frozen: 1, closed: 2 })],
    },
  ],
  /** The next sync of the TA clears its PIN. */
  "unlock-pin": [2, { orderId: [2, orderId], client: [3, client], ta: [6, field.taId] }],
});

/**
 * What the provider's operator orders, signed by one of the operator's keys and carried out once for each client and order
 * id. It never leaves the provider, so it is no part of the protocol; its `typ` is beyond the protocol's.
 */
export const operatorOrder = defineMessage({
  typ: 65_500,
  name: "operator-order",
  signedBy: "institution",
  payload,
});

export type OperatorOrder = Infer<typeof payload>;

/** Operator and provider are one institution. */
export function operatorContext({ id, currency }: Pick<Identity, "id" | "currency">): Context {
  return { currency, home: "", signer: id, audience: id satisfies ProviderId };
}
