import {
  amount,
  sha256,
  toHex,
  type Refusal,
  type RefusalCode,
  type Result,
  type Seconds,
} from "@bezant/protocol";
import type { Core } from "../core/core.ts";
import { done, refuse, transact, type Decision } from "@bezant/service";
import type { Transaction } from "@bezant/service/db";
import { lockAccount, post, type Account, type Posting } from "../ledger/index.ts";
import { takeReserves } from "../settlement/bounds.ts";
import { operatorOrder, type OperatorOrder } from "./order.ts";
import {
  insertOperatorOrder,
  readOperatorOrder,
  setStatus,
  wantUnlock,
  type OrderRecord,
} from "./store.ts";
import { operatorVerify } from "./verify.ts";

/** Carries out an order of the operator, once for its client and order id; the same order again changes nothing. */
export async function carryOut(
  core: Core,
  body: Uint8Array,
): Promise<Result<OperatorOrder, Refusal>> {
  const verified = await operatorVerify(core, operatorOrder, body);
  if (!verified.ok) return verified;
  const { payload: order, payloadBytes } = verified.value;
  const record = { digest: toHex(sha256(payloadBytes)), message: body };
  return transact(core.db, (transaction) => carryOutIn(core, transaction, order, record));
}

async function carryOutIn(
  core: Core,
  transaction: Transaction,
  order: OperatorOrder,
  record: OrderRecord,
): Promise<Decision<OperatorOrder>> {
  const account = await lockAccount(transaction, order.client);
  if (account === undefined) return refuse("unknown-client");
  const known = await readOperatorOrder(transaction, order.client, order.orderId);
  if (known !== undefined) return known === record.digest ? done(order) : refuse("order-conflict");
  const at = core.clock.now();
  const refused = await apply(core, transaction, account, order, at);
  if (refused !== undefined) return refuse(refused);
  await insertOperatorOrder(transaction, order, record, at);
  return done(order);
}

async function apply(
  core: Core,
  transaction: Transaction,
  account: Account,
  order: OperatorOrder,
  at: Seconds,
): Promise<RefusalCode | undefined> {
  switch (order.kind) {
    case "fund": {
      await postOrThrow(transaction, account, [funding(account, order)], at);
      const isCovered = await takeReserves(core, transaction, order.client, order.amount);
      return isCovered ? undefined : "reserves-exhausted";
    }
    case "set-status":
      await setStatus(transaction, order.client, order.status);
      if (order.status === "open") {
        await postOrThrow(transaction, account, release(account, order.orderId), at);
      }
      return undefined;
    case "unlock-pin": {
      const isKnown = await wantUnlock(transaction, order.client, order.ta);
      return isKnown ? undefined : "unknown-trusted-app";
    }
  }
}

function funding(
  { status }: Account,
  { orderId, amount: funded }: Extract<OperatorOrder, { kind: "fund" }>,
): Posting {
  const credit = status === "open" ? "online" : "suspense";
  const key = { operation: "funding", party: "", reference: toHex(orderId) } as const;
  return { ...key, debit: "reserves", credit, amount: funded };
}

/** What arrived while the account was not open is the client's. */
function release({ balances }: Account, orderId: Uint8Array): Posting[] {
  if (balances.suspense === 0n) return [];
  const key = { operation: "release", party: "", reference: toHex(orderId) } as const;
  return [{ ...key, debit: "suspense", credit: "online", amount: amount(balances.suspense) }];
}

async function postOrThrow(
  transaction: Transaction,
  account: Account,
  postings: readonly Posting[],
  at: Seconds,
): Promise<void> {
  const posted = await post(transaction, account, postings, at);
  if (!posted.ok) throw new Error(`an operator's order was refused: ${posted.error}`);
}
