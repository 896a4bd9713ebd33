import {
  ok,
  reserveOrder,
  sha256,
  toHex,
  type Refusal,
  type ReserveOrder,
  type Result,
  type Seconds,
} from "@bezant/protocol";
import { done, refuse, transact, type Decision } from "@bezant/service";
import type { Transaction } from "@bezant/service/db";
import { raise } from "../allowance/raise.ts";
import type { Core } from "../core/core.ts";
import { fromOperator } from "../core/hear.ts";
import { lockProvider, lockWindow } from "../core/providers.ts";
import {
  hasCapacity,
  openAccounts,
  OWN,
  post,
  transfer,
  type AccountName,
} from "../ledger/index.ts";
import { closeWindow } from "../window/close.ts";
import {
  openProvider,
  orderReference,
  readOrder,
  suspendProvider,
  takeOrder,
  type OrderRecord,
} from "./store.ts";

/** Carries out an order of the operator, once for its id; the same order again changes nothing. */
export async function carryOut(
  core: Core,
  body: Uint8Array,
): Promise<Result<ReserveOrder, Refusal>> {
  const heard = await fromOperator(core, reserveOrder, body);
  if (!heard.ok) return heard;
  const { payload: order, payloadBytes } = heard.value;
  const record = { digest: sha256(payloadBytes), message: body };
  const carried = await transact(core.db, (transaction) =>
    carryOutIn(transaction, order, record, core.clock.now()),
  );
  return carried.ok ? ok(order) : carried;
}

async function carryOutIn(
  transaction: Transaction,
  order: ReserveOrder,
  record: OrderRecord,
  at: Seconds,
): Promise<Decision<unknown>> {
  if (!(await takeOrder(transaction, order, record, at))) {
    const known = await readOrder(transaction, order.orderId);
    return known === toHex(record.digest) ? done(order) : refuse("order-conflict");
  }
  return apply(transaction, order, at);
}

async function apply(
  transaction: Transaction,
  order: ReserveOrder,
  at: Seconds,
): Promise<Decision<unknown>> {
  switch (order.kind) {
    case "open":
      await openProvider(transaction, order.provider, order.limit);
      await openAccounts(transaction, order.provider);
      return done(order);
    case "close-window":
      return closeWindow(transaction, BigInt(order.window), at);
    case "issue":
    case "redeem":
    case "suspend":
    case "allow":
      return applyTo(transaction, order, at);
  }
}

/** Orders about a provider that has accounts. */
async function applyTo(
  transaction: Transaction,
  order: Exclude<ReserveOrder, { kind: "open" | "close-window" }>,
  at: Seconds,
): Promise<Decision<unknown>> {
  const row = await lockProvider(transaction, order.provider);
  if (row === undefined) return refuse("unknown-provider");
  switch (order.kind) {
    case "suspend":
      await suspendProvider(transaction, order.provider);
      return done(order);
    case "allow":
      return raise(transaction, row, order.amount, at);
    case "issue":
      await lockWindow(transaction);
      if (!(await hasCapacity(transaction, order.amount))) return refuse("issuance-limit");
      return move(transaction, order, at);
    case "redeem":
      return move(transaction, order, at);
  }
}

async function move(
  transaction: Transaction,
  order: Extract<ReserveOrder, { kind: "issue" | "redeem" }>,
  at: Seconds,
): Promise<Decision<unknown>> {
  const issuance: AccountName = { kind: "issuance", holder: OWN };
  const reserves: AccountName = { kind: "reserves", holder: order.provider };
  const [from, to] = order.kind === "issue" ? [issuance, reserves] : [reserves, issuance];
  const entries = transfer(from, to, order.amount);
  const posting = { operation: order.kind, reference: orderReference(order), entries } as const;
  const posted = await post(transaction, posting, at);
  return posted.ok ? done(order) : refuse("insufficient-reserves");
}
