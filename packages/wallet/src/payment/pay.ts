import {
  err,
  ok,
  paymentRequest,
  refusal,
  requestVerify,
  subjectId,
  type Amount,
  type Counter,
  type PayeeClass,
  type PayeeId,
  type PaymentRequest,
  type Result,
} from "@bezant/protocol";
import type { Core } from "../core/core.ts";
import { attachedCertificate, withOwnChain, withSignersChain } from "../core/envelope.ts";
import { needTa, type Equipped } from "../core/identity.ts";
import { begin, end, unfinished } from "../core/journal.ts";
import { padded } from "../core/sequence.ts";
import { pending, type WalletRefusal } from "../refusals.ts";
import { put, remove } from "../store/records.ts";
import type { Change } from "../store/store.ts";
import { checkPayee, statusFor } from "../status/counterparty.ts";
import { upload } from "../sync/uploads.ts";
import {
  AWAITED,
  contentOf,
  ORDER,
  orderKey,
  OUTGOING,
  paymentKey,
  type OrderRecord,
  type OutgoingRecord,
} from "./records.ts";
import { relieveOutbox } from "./relieve.ts";

export type Paid = {
  /** P, for the payee; the same bytes however often it is asked for. */
  readonly message: Uint8Array;
  readonly amount: Amount;
  readonly payee: PayeeId;
  readonly payeeClass: PayeeClass;
  /** The payment's index j. */
  readonly j: Counter;
};

/** Figure 7 `Pay`: pays a request, once, however often it is called. The money has left the device when this answers. */
export async function pay(core: Core, request: Uint8Array): Promise<Result<Paid, WalletRefusal>> {
  const equipped = await needTa(core);
  if (!equipped.ok) return equipped;
  const parsed = paymentRequest.parse(request);
  if (!parsed.ok) return parsed;
  return core.exclusive("pay", async () => {
    const finished = await finishPay(core, equipped.value);
    if (!finished.ok) return finished;
    const before = await paidBefore(core, request, parsed.value.payload);
    if (before !== undefined) return before;
    const verified = await core.trust.verify(requestVerify(request, core.trust.at(core.now())));
    if (!verified.ok) return verified;
    const revoked = await checkPayee(core, verified.value.payee.certificate);
    if (revoked !== undefined) return err(revoked);
    const key = orderKey(verified.value.payee.id, verified.value.request);
    return payOnce(core, equipped.value, key, request);
  });
}

/** P again, for whoever brings the same request again, also when it has expired since. */
export async function paidBefore(
  { records }: Core,
  request: Uint8Array,
  asked: PaymentRequest,
): Promise<Result<Paid, WalletRefusal> | undefined> {
  const certificate = attachedCertificate(request);
  if (certificate === undefined) return undefined;
  const order = await records.get(ORDER, orderKey(subjectId(certificate) as PayeeId, asked));
  if (order?.j === undefined) return undefined;
  const record = await records.get(OUTGOING, paymentKey(order.ta, order.j));
  if (record === undefined) throw new Error(`no payment ${order.j}`);
  if (record.amount !== asked.amount) return err(refusal("request-mismatch"));
  return ok({ ...toPaid(record), j: order.j });
}

async function payOnce(
  core: Core,
  equipped: Equipped,
  key: string,
  request: Uint8Array,
): Promise<Result<Paid, WalletRefusal>> {
  const message = withSignersChain(core, equipped, request);
  const order: OrderRecord = { request: message, at: core.now(), ta: equipped.ta };
  await core.records.commit(put(ORDER, key, order), begin("pay", key, core.now()));
  const paid = await payAtTa(core, equipped, message);
  if (paid.ok) return ok(await keep(core, equipped, key, order, paid.value));
  if (paid.error.code === "device-interrupted") return err(pending(paid.error));
  await core.records.commit(...undo(key));
  return paid;
}

/** When the outbox is full, it is relieved and the payment tried once more. */
async function payAtTa(
  core: Core,
  equipped: Equipped,
  request: Uint8Array,
): Promise<Result<Uint8Array, WalletRefusal>> {
  const status = await statusFor(core, attachedCertificate(request));
  const input = { request, hint: core.now(), ...status };
  const paid = await equipped.device.pay(input);
  if (paid.ok || paid.error.code !== "outbox-full") return paid;
  const relieved = await relieveOutbox(core, equipped);
  return relieved.ok ? equipped.device.pay(input) : relieved;
}

/**
 * Whether the TA made a payment that was interrupted is for the TA to say: one that it made is kept, one that it did not make
 * is forgotten, and never made now. Whoever calls has the turn `pay`.
 */
async function finishPay(core: Core, equipped: Equipped): Promise<Result<void, WalletRefusal>> {
  if ((await unfinished(core, "pay")).length === 0) return ok(undefined);
  const adopted = await adoptInTurn(core, equipped);
  if (!adopted.ok) return err(pending(adopted.error));
  for (const key of await unfinished(core, "pay")) await core.records.commit(...undo(key));
  return ok(undefined);
}

/** Payments that the TA keeps and the wallet has not got: after an interruption, or with a new store. */
export async function adoptPayments(
  core: Core,
  equipped: Equipped,
): Promise<Result<void, WalletRefusal>> {
  return core.exclusive("pay", () => adoptInTurn(core, equipped));
}

async function adoptInTurn(core: Core, equipped: Equipped): Promise<Result<void, WalletRefusal>> {
  const { device, ta } = equipped;
  const info = await device.getInfo();
  if (!info.ok) return info;
  for (const j of info.value.unsettled) {
    if ((await core.records.get(OUTGOING, paymentKey(ta, j))) !== undefined) continue;
    const payment = await device.resend({ kind: "payment", n: j });
    if (!payment.ok) return payment;
    const { receiver, ...content } = contentOf(payment.value);
    const key = orderKey(receiver, content);
    const order = await core.records.get(ORDER, key);
    const unknown: OrderRecord = { request: new Uint8Array(), at: core.now(), ta };
    await keep(core, equipped, key, order ?? unknown, payment.value);
  }
  return ok(undefined);
}

export async function resumePay(core: Core): Promise<Result<void, WalletRefusal>> {
  return core.exclusive("pay", async () => {
    if ((await unfinished(core, "pay")).length === 0) return ok(undefined);
    const equipped = await needTa(core);
    return equipped.ok ? finishPay(core, equipped.value) : err(pending(equipped.error));
  });
}

/** P is stored before anybody gets it. */
async function keep(
  core: Core,
  equipped: Equipped,
  key: string,
  order: OrderRecord,
  bytes: Uint8Array,
): Promise<Paid> {
  const { receiver: payee, receiverClass: payeeClass, amount, r, j } = contentOf(bytes);
  const payment = withOwnChain(equipped, order.request, bytes);
  const { at } = order;
  const record: OutgoingRecord = { payment, payee, payeeClass, r, amount, at, state: "paid" };
  const place = paymentKey(equipped.ta, j);
  await core.records.commit(
    put(ORDER, key, { ...order, j }),
    put(OUTGOING, place, record),
    put(AWAITED, place, { what: "outcome" }),
    upload(payment, padded(j)),
    end("pay", key),
  );
  return { ...toPaid(record), j };
}

export function toPaid(record: OutgoingRecord): Omit<Paid, "j"> {
  const { payment, amount, payee, payeeClass } = record;
  return { message: payment, amount, payee, payeeClass };
}

function undo(key: string): Change[] {
  return [remove(ORDER, key), end("pay", key)];
}
