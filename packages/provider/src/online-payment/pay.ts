import {
  onlinePaymentOrder,
  toHex,
  type OnlinePaymentOrder,
  type ProviderId,
  type Refusal,
  type Result,
  type WalletId,
} from "@bezant/protocol";
import { walletOrder } from "../core/authority.ts";
import type { Core } from "../core/core.ts";
import { done, refuse, transact, type Decision } from "@bezant/service";
import type { Transaction } from "@bezant/service/db";
import { lockAccount, lockPair, post, type Account, type Posting } from "../ledger/index.ts";
import type { Outgoing } from "../interbank/orders.ts";
import { amountOf, readForgotten } from "../interbank/forgotten-store.ts";
import { sendPayment } from "../interbank/send.ts";
import { isBehind } from "../registry/tas.ts";
import { instructionOf } from "./instruction.ts";
import { insertOrder, readOrder, type Carried, type Route } from "./store.ts";

export interface PaymentReceipt extends Carried {
  readonly orderId: Uint8Array;
}

interface Ordered {
  readonly order: OnlinePaymentOrder;
  readonly message: Uint8Array;
}

/**
 * Section 2.1 of the paper: moves x from one client's online balance to another's, once for each order id. To a client
 * of another provider it leaves the payer here, and the central bank carries it on.
 */
export async function payOnline(
  core: Core,
  client: WalletId,
  body: Uint8Array,
): Promise<Result<PaymentReceipt, Refusal>> {
  const signed = await walletOrder(core, onlinePaymentOrder, client, body);
  if (!signed.ok) return signed;
  const ordered = { order: signed.value.payload, message: body };
  const again = () =>
    transact(core.db, (transaction) => carryOut(core, transaction, client, ordered));
  const carried = await again();
  if (!carried.ok || carried.value.status !== "pending") return carried;
  // It is in the outbox, whatever happens now; mostly the answer comes at once.
  const ended = await sendPayment(core, outgoing(core, client, carried.value));
  if (!ended.ok) return carried;
  const told = await again();
  // It has left the payer: whoever now said that nothing has moved would be wrong.
  return told.ok ? told : carried;
}

function outgoing(core: Core, payer: WalletId, receipt: PaymentReceipt): Outgoing {
  const { orderId, provider, receiver: payee, amount, status } = receipt;
  if (provider === undefined) throw new Error("a pending payment to nowhere");
  const instruction = toHex(instructionOf(core, payer, orderId));
  return { payer, orderId: toHex(orderId), instruction, provider, payee, amount, status };
}

async function carryOut(
  core: Core,
  transaction: Transaction,
  client: WalletId,
  ordered: Ordered,
): Promise<Decision<PaymentReceipt>> {
  const { receiver } = ordered.order;
  const abroad = providerAbroad(core, ordered.order);
  if (abroad !== undefined) {
    const payer = await lockAccount(transaction, client);
    const early = await earlyAnswer(core, transaction, payer, ordered.order);
    return early ?? send(core, transaction, payer as Account, ordered, abroad);
  }
  if (receiver === client) return refuse("self-payment");
  const [payer, payee] = await lockPair(transaction, client, receiver);
  const early = await earlyAnswer(core, transaction, payer, ordered.order);
  return early ?? hand(core, transaction, payer as Account, payee, ordered);
}

/** The receiver's provider, if it is another one. */
function providerAbroad(
  { identity }: Core,
  { provider }: OnlinePaymentOrder,
): ProviderId | undefined {
  return provider === identity.id ? undefined : provider;
}

/** What is to be said without moving anything; undefined: the money may move. */
async function earlyAnswer(
  core: Core,
  transaction: Transaction,
  payer: Account | undefined,
  order: OnlinePaymentOrder,
): Promise<Decision<PaymentReceipt> | undefined> {
  if (payer === undefined) return refuse("unknown-client");
  const { orderId, receiver, amount } = order;
  const known = await readOrder(transaction, payer.id, orderId);
  if (known !== undefined) {
    const same =
      known.receiver === receiver &&
      known.amount === amount &&
      known.provider === providerAbroad(core, order);
    return same ? done({ ...known, orderId }) : refuse("order-conflict");
  }
  const abroad = providerAbroad(core, order);
  const instruction = toHex(instructionOf(core, payer.id, orderId));
  const forgotten =
    abroad === undefined ? undefined : await readForgotten(transaction, payer.id, instruction);
  if (forgotten !== undefined) {
    // Paid before a restore, and booked since: the same order is the same payment, and nothing leaves twice.
    const { status, reason, sequence, at, ...paid } = forgotten;
    const isSame =
      paid.receiver === receiver && amountOf(forgotten) === amount && paid.provider === abroad;
    if (!isSame) return refuse("order-conflict");
    const carried = { receiver, provider: abroad, amount, status, reason: reason ?? undefined };
    return done({ ...carried, sequence, at: Number(at), orderId });
  }
  if (payer.status !== "open") return refuse("client-frozen");
  return (await isBehind(transaction, payer.id)) ? refuse("provider-behind") : undefined;
}

/** To a client of this provider: both sides at once. */
async function hand(
  core: Core,
  transaction: Transaction,
  payer: Account,
  payee: Account | undefined,
  { order, message }: Ordered,
): Promise<Decision<PaymentReceipt>> {
  if (payee === undefined || payee.status === "closed") {
    return refuse("unknown-client", "the receiver");
  }
  const at = core.clock.now();
  const posting = { ...keyOf("payment-sent", order), debit: "online", credit: "clearing" } as const;
  const paid = await post(transaction, payer, [posting], at);
  if (!paid.ok) return refuse(paid.error);
  const credited = await post(transaction, payee, [received(payer.id, payee, order)], at);
  if (!credited.ok) throw new Error(`a credit was refused: ${credited.error}`);
  const { sequence } = paid.value;
  await insertOrder(transaction, payer.id, order, { message, sequence, at });
  return done({
    ...order,
    provider: undefined,
    status: "settled",
    reason: undefined,
    sequence,
    at,
  });
}

/** To a client of another provider: debited here, and put into the outbox (`interbank/`) in the same transaction. */
async function send(
  core: Core,
  transaction: Transaction,
  payer: Account,
  { order, message }: Ordered,
  provider: ProviderId,
): Promise<Decision<PaymentReceipt>> {
  if (core.centralBank === undefined) return refuse("no-settlement");
  const at = core.clock.now();
  const posting = {
    ...keyOf("interbank-sent", order),
    debit: "online",
    credit: "interbank",
  } as const;
  const paid = await post(transaction, payer, [posting], at);
  if (!paid.ok) return refuse(paid.error);
  const route: Route = { provider, instruction: instructionOf(core, payer.id, order.orderId) };
  const { sequence } = paid.value;
  await insertOrder(transaction, payer.id, order, { message, sequence, at, route });
  return done({ ...order, provider, status: "pending", reason: undefined, sequence, at });
}

function keyOf<O extends Posting["operation"]>(
  operation: O,
  { orderId, receiver, amount }: OnlinePaymentOrder,
) {
  return { operation, party: receiver, reference: toHex(orderId), amount };
}

function received(payer: WalletId, { status }: Account, order: OnlinePaymentOrder): Posting {
  const { orderId, amount } = order;
  const key = { operation: "payment-received", party: payer, reference: toHex(orderId) } as const;
  const credit = status === "open" ? "online" : "suspense";
  return { ...key, debit: "clearing", credit, amount };
}
