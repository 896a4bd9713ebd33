import type { WalletId } from "@bezant/protocol";
import type { Transaction } from "@bezant/service/db";
import type { Core } from "../core/core.ts";
import { lockAccount, post } from "../ledger/index.ts";
import { readByInstruction, returnPosting, setReturned, setSettled } from "./orders.ts";

/** How the central bank's word leaves an order: `unknown`: this ledger has no such order. */
export type Ended = "settled" | "returned" | "unknown";

/** The payment has arrived at the other provider; a return that was heard of first stays one. */
export async function settleOrder(
  transaction: Transaction,
  payer: WalletId,
  instruction: string,
): Promise<Ended> {
  await lockAccount(transaction, payer);
  const order = await readByInstruction(transaction, payer, instruction);
  if (order === undefined) return "unknown";
  if (order.status === "pending") await setSettled(transaction, order);
  return order.status === "returned" ? "returned" : "settled";
}

/** The payment was refused, or came back: credits the payer again, once, whichever message says so first. */
export async function giveBack(
  { clock }: Pick<Core, "clock">,
  transaction: Transaction,
  payer: WalletId,
  instruction: string,
  reason: string,
): Promise<Ended> {
  const account = await lockAccount(transaction, payer);
  const order = await readByInstruction(transaction, payer, instruction);
  if (account === undefined || order === undefined) return "unknown";
  if (order.status === "returned") return "returned";
  const posted = await post(transaction, account, [returnPosting(order, account)], clock.now());
  if (!posted.ok) throw new Error(`a return was refused: ${posted.error}`);
  await setReturned(transaction, order, reason);
  return "returned";
}
