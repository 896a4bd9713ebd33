import {
  onlinePaymentOrder,
  toHex,
  type OnlinePaymentOrder,
  type Refusal,
  type Result,
  type WalletId,
} from "@bezant/protocol";
import { walletOrder } from "../core/authority.ts";
import type { Core } from "../core/core.ts";
import { done, refuse, transact, type Decision } from "@bezant/service";
import type { Transaction } from "@bezant/service/db";
import { lockPair, post, type Account, type Posting } from "../ledger/index.ts";
import { isBehind } from "../registry/tas.ts";
import { insertOrder, readOrder, type Carried } from "./store.ts";

export interface PaymentReceipt extends Carried {
  readonly orderId: Uint8Array;
}

/** Section 2.1 of the paper: moves x from one client's online balance to another's, once for each order id. */
export async function payOnline(
  core: Core,
  client: WalletId,
  body: Uint8Array,
): Promise<Result<PaymentReceipt, Refusal>> {
  const order = await walletOrder(core, onlinePaymentOrder, client, body);
  if (!order.ok) return order;
  return transact(core.db, (transaction) =>
    carryOut(core, transaction, client, order.value.payload, body),
  );
}

async function carryOut(
  core: Core,
  transaction: Transaction,
  client: WalletId,
  order: OnlinePaymentOrder,
  message: Uint8Array,
): Promise<Decision<PaymentReceipt>> {
  const { orderId, receiver, amount } = order;
  if (receiver === client) return refuse("self-payment");
  const [payer, payee] = await lockPair(transaction, client, receiver);
  if (payer === undefined) return refuse("unknown-client");
  const known = await readOrder(transaction, client, orderId);
  if (known !== undefined) {
    const same = known.receiver === receiver && known.amount === amount;
    return same ? done({ ...known, orderId }) : refuse("order-conflict");
  }
  if (payee === undefined || payee.status === "closed") {
    return refuse("unknown-client", "the receiver");
  }
  if (payer.status !== "open") return refuse("client-frozen");
  if (await isBehind(transaction, client)) return refuse("provider-behind");
  const at = core.clock.now();
  const paid = await post(transaction, payer, [sent(order)], at);
  if (!paid.ok) return refuse(paid.error);
  const credited = await post(transaction, payee, [received(client, payee, order)], at);
  if (!credited.ok) throw new Error(`a credit was refused: ${credited.error}`);
  const { sequence } = paid.value;
  await insertOrder(transaction, client, order, message, sequence, at);
  return done({ orderId, receiver, amount, sequence, at });
}

function sent({ orderId, receiver, amount }: OnlinePaymentOrder): Posting {
  const key = { operation: "payment-sent", party: receiver, reference: toHex(orderId) } as const;
  return { ...key, debit: "online", credit: "clearing", amount };
}

function received(payer: WalletId, { status }: Account, order: OnlinePaymentOrder): Posting {
  const { orderId, amount } = order;
  const key = { operation: "payment-received", party: payer, reference: toHex(orderId) } as const;
  const credit = status === "open" ? "online" : "suspense";
  return { ...key, debit: "clearing", credit, amount };
}
