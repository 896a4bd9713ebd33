import {
  decodeSequence,
  err,
  malformed,
  MAX_MESSAGE,
  ok,
  paymentAdvice,
  refusal,
  settlementQuery,
  toHex,
  type FromCentralBank,
  type PaymentAdvice,
  type Refusal,
  type Result,
} from "@bezant/protocol";
import { done, fromDatabase, transact } from "@bezant/service";
import type { Transaction } from "@bezant/service/db";
import type { Core } from "../core/core.ts";
import { counterOf } from "../core/counter.ts";
import { lockAccount, post, type Account, type Posting } from "../ledger/index.ts";
import { ask, hear, say } from "../settlement/speak.ts";
import { returnForgotten } from "./forgotten.ts";
import { readForgotten, type Forgotten } from "./forgotten-store.ts";
import { giveBack } from "./give-back.ts";
import { readByInstruction } from "./orders.ts";
import { insertAdvice, lastAdvice, type Booking } from "./store.ts";

/** Advices in one answer at most (protocol document §15). */
const PAGE = 256;

/** Books everything that the central bank has advised since the last advice booked, each once and in order. */
export async function takeAdvices(core: Core): Promise<Result<number, Refusal>> {
  for (let taken = 0; ;) {
    const last = await lastAdvice(core.db);
    if (!last.ok) return err(fromDatabase(last.error));
    const query = { kind: "advices", at: core.clock.now(), after: counterOf(last.value) } as const;
    const answer = await ask(core, "queries", await say(core, settlementQuery, query));
    if (!answer.ok) return answer;
    const split = decodeSequence(answer.value, { maxItems: PAGE, maxItemSize: MAX_MESSAGE });
    if (!split.ok) return err(malformed(split.error));
    if (split.value.length === 0) return ok(taken);
    for (const [index, item] of split.value.entries()) {
      const heard = await hear(core, paymentAdvice, item);
      if (!heard.ok) return heard;
      const expected = Number(last.value) + index + 1;
      if (heard.value.payload.n !== expected) {
        return err(refusal("malformed", `advice ${heard.value.payload.n} instead of ${expected}`));
      }
      const booked = await book(core, heard.value);
      if (!booked.ok) return booked;
      taken += 1;
    }
  }
}

/** One transaction: the number, which never comes again, and the client's credit. */
async function book(
  core: Core,
  { payload: advice, bytes }: FromCentralBank<PaymentAdvice>,
): Promise<Result<void, Refusal>> {
  return transact(core.db, async (transaction) => {
    const isPayment = advice.kind === "payment";
    const account = await lockAccount(transaction, isPayment ? advice.payee : advice.payer);
    const forgotten = isPayment ? undefined : await readReturned(transaction, advice);
    const booking = isPayment
      ? judgePayment(core, advice, account)
      : await judgeReturn(transaction, advice, forgotten);
    // Two servers at once: only the one whose row it is moves money.
    const at = core.clock.now();
    const isNew = await insertAdvice(transaction, advice, booking, bytes, at);
    if (isNew && booking.status === "credited") {
      await credit(core, transaction, advice, account, forgotten);
    }
    return done(undefined);
  });
}

function judgePayment(
  { identity }: Core,
  advice: PaymentAdvice,
  account: Account | undefined,
): Booking {
  const isOurs = advice.payeeProvider === identity.id;
  const hasPlace = isOurs && account !== undefined && account.status !== "closed";
  return hasPlace ? { status: "credited" } : { status: "refused", reason: "unknown-client" };
}

/** A payment of before a restore, if it is one that came back. */
function readReturned(
  transaction: Transaction,
  { payer, instruction }: ReturnAdvice,
): Promise<Forgotten | undefined> {
  return readForgotten(transaction, payer, toHex(instruction));
}

async function judgeReturn(
  transaction: Transaction,
  { payer, instruction, reason }: ReturnAdvice,
  forgotten: Forgotten | undefined,
): Promise<Booking> {
  if (forgotten !== undefined) return { status: "credited", reason };
  const order = await readByInstruction(transaction, payer, toHex(instruction));
  return { status: order === undefined ? "unmatched" : "credited", reason };
}

type ReturnAdvice = Extract<PaymentAdvice, { kind: "return" }>;

async function credit(
  core: Core,
  transaction: Transaction,
  advice: PaymentAdvice,
  account: Account | undefined,
  forgotten: Forgotten | undefined,
): Promise<void> {
  if (advice.kind === "return") {
    const { payer, instruction, reason } = advice;
    if (forgotten !== undefined) {
      const id = toHex(instruction);
      return returnForgotten(core, transaction, account, id, forgotten, payer, reason);
    }
    await giveBack(core, transaction, payer, toHex(instruction), reason);
    return;
  }
  if (account === undefined) throw new Error("nobody to credit");
  const postings = [receivedPosting(advice, account)];
  const posted = await post(transaction, account, postings, core.clock.now());
  if (!posted.ok) throw new Error(`a credit was refused: ${posted.error}`);
}

function receivedPosting(advice: PaymentAdvice, { status }: Account): Posting {
  return {
    operation: "interbank-received",
    party: advice.payer,
    reference: toHex(advice.instruction),
    debit: "interbank",
    credit: status === "open" ? "online" : "suspense",
    amount: advice.amount,
  };
}
