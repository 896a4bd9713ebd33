import {
  amount,
  decodeSequence,
  err,
  malformed,
  MAX_MESSAGE,
  ok,
  refusal,
  settledPayment,
  settlementQuery,
  toHex,
  type FromCentralBank,
  type Refusal,
  type Result,
  type SettledPayment,
} from "@bezant/protocol";
import { done, fromDatabase, transact } from "@bezant/service";
import type { Transaction } from "@bezant/service/db";
import type { Core } from "../core/core.ts";
import { lockAccount, post, type Account, type Posting } from "../ledger/index.ts";
import { ask, hear, say } from "../settlement/speak.ts";
import {
  hasComeBack,
  insertForgotten,
  readForgotten,
  setForgottenReturned,
  type Booked,
  type Forgotten,
} from "./forgotten-store.ts";
import { readByInstruction } from "./orders.ts";

/** Payments in one answer at most (protocol document §15). */
const PAGE = 256;

const ASKED = {
  name: "restores-without-payments",
  text: "SELECT restored_at AS at FROM restores WHERE payments_known_at IS NULL",
};
const KNOWN = {
  name: "payments-known",
  text: `UPDATE restores SET payments_known_at = $2
    WHERE payments_known_at IS NULL AND restored_at = ANY ($1::bigint[])`,
};

/**
 * After a declared restore: books the payments to other providers' clients that the central bank has carried out and this
 * ledger has forgotten, each once. May be broken off anywhere; it begins anew until it has come to the end.
 * @returns how many there were
 */
export async function bookForgotten(core: Core): Promise<Result<number, Refusal>> {
  const restores = await core.db.query<{ at: bigint }>(ASKED);
  if (!restores.ok) return err(fromDatabase(restores.error));
  const open = restores.value.rows.map(({ at }) => at);
  if (open.length === 0) return ok(0);
  let booked = 0;
  for (let after: Uint8Array = new Uint8Array(16); ;) {
    const page = await askPage(core, after);
    if (!page.ok) return page;
    for (const one of page.value) {
      const isNew = await transact(core.db, async (transaction) =>
        done(await book(core, transaction, one)),
      );
      if (!isNew.ok) return isNew;
      if (isNew.value) booked += 1;
    }
    const last = page.value.at(-1);
    if (last === undefined) break;
    after = last.payload.instruction;
  }
  const marked = await transact(core.db, async (transaction) => {
    await transaction.query(KNOWN, [open, core.clock.now()]);
    return done(undefined);
  });
  return marked.ok ? ok(booked) : marked;
}

async function askPage(
  core: Core,
  after: Uint8Array,
): Promise<Result<readonly FromCentralBank<SettledPayment>[], Refusal>> {
  const query = { kind: "payments", at: core.clock.now(), after } as const;
  const answer = await ask(core, "queries", await say(core, settlementQuery, query));
  if (!answer.ok) return answer;
  const split = decodeSequence(answer.value, { maxItems: PAGE, maxItemSize: MAX_MESSAGE });
  if (!split.ok) return err(malformed(split.error));
  const page: FromCentralBank<SettledPayment>[] = [];
  let before = toHex(after);
  for (const item of split.value) {
    const heard = await hear(core, settledPayment, item);
    if (!heard.ok) return heard;
    const instruction = toHex(heard.value.payload.instruction);
    // Otherwise the pages would never come to an end.
    if (instruction <= before) return err(refusal("malformed", "payments out of order"));
    before = instruction;
    page.push(heard.value);
  }
  return ok(page);
}

/** @returns false: it is booked, as it was ordered or in an earlier run, or it came back */
async function book(
  core: Core,
  transaction: Transaction,
  { payload: payment, bytes }: FromCentralBank<SettledPayment>,
): Promise<boolean> {
  const { payer } = payment;
  const instruction = toHex(payment.instruction);
  const account = await lockAccount(transaction, payer);
  if ((await readByInstruction(transaction, payer, instruction)) !== undefined) return false;
  if ((await readForgotten(transaction, payer, instruction)) !== undefined) return false;
  if (await hasComeBack(transaction, payer, instruction)) return false;
  const at = core.clock.now();
  let booked: Booked = { covered: 0n, lost: payment.amount, hasAccount: false, sequence: 0n };
  if (account !== undefined) {
    const { online } = account.balances;
    const covered = online < payment.amount ? online : payment.amount;
    const lost = payment.amount - covered;
    const key = { party: payment.payee, reference: instruction, credit: "interbank" } as const;
    const postings: readonly (Posting | undefined)[] = [
      part(covered, { ...key, operation: "forgotten-payment", debit: "online" }),
      part(lost, { ...key, operation: "forgotten-loss", debit: "loss" }),
    ];
    const sequence = await postAll(transaction, account, postings, at);
    booked = { covered, lost, hasAccount: true, sequence };
  }
  await insertForgotten(transaction, payment, booked, bytes, at);
  return true;
}

/** The payment has come back after all: the client's part is the client's again, and the loss is none. */
export async function returnForgotten(
  { clock }: Pick<Core, "clock">,
  transaction: Transaction,
  account: Account | undefined,
  instruction: string,
  { receiver, covered, lost, hasAccount }: Forgotten,
  payer: SettledPayment["payer"],
  reason: string,
): Promise<void> {
  if (account !== undefined && hasAccount) {
    const own = account.status === "open" ? "online" : "suspense";
    const key = { party: receiver, reference: instruction, debit: "interbank" } as const;
    const postings = [
      part(covered, { ...key, operation: "forgotten-returned", credit: own }),
      part(lost, { ...key, operation: "forgotten-recovered", credit: "loss" }),
    ];
    await postAll(transaction, account, postings, clock.now());
  }
  await setForgottenReturned(transaction, payer, instruction, reason);
}

function part(x: bigint, posting: Omit<Posting, "amount">): Posting | undefined {
  return x === 0n ? undefined : { ...posting, amount: amount(x) };
}

async function postAll(
  transaction: Transaction,
  account: Account,
  postings: readonly (Posting | undefined)[],
  at: ReturnType<Core["clock"]["now"]>,
): Promise<bigint> {
  const moved = await post(
    transaction,
    account,
    postings.filter((one) => one !== undefined),
    at,
  );
  if (!moved.ok) throw new Error(`a forgotten payment was refused: ${moved.error}`);
  return moved.value.sequence;
}
