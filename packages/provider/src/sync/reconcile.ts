import {
  amount,
  type Result,
  type Seconds,
  type SyncRequest,
  type TaId,
  type WalletId,
} from "@bezant/protocol";
import type { Transaction } from "@bezant/service/db";
import type { Core } from "../core/core.ts";
import { bytea, post, type Account, type AccountKind, type Posting } from "../ledger/index.ts";
import { advanceDeposits, advanceWithdrawals, setReadOnly, type TaState } from "../registry/tas.ts";
import { countDeposit } from "../settlement/bounds.ts";
import type { Adjustment } from "./store.ts";

const CONFIRMED = {
  name: "confirmed-up-to",
  text: `SELECT total FROM deposits
    WHERE client_id = $1 AND ta_id = $2 AND d <= $3 ORDER BY d DESC LIMIT 1`,
};
const CREDITED = {
  name: "credited-up-to",
  text: `SELECT total FROM withdrawals
    WHERE client_id = $1 AND ta_id = $2 AND w <= $3 ORDER BY w DESC LIMIT 1`,
};

/**
 * Makes the ledger's history that of the TA, which alone has lived through all of it: books the difference of the totals, and
 * closes both sequences at the TA's numbers. What the TA got and the ledger forgot leaves the online balance; what it sent
 * and the ledger forgot comes back.
 * @returns what changed, or `insufficient-balance`: the operator has to restore the online balance first
 */
export async function reconcile(
  core: Core,
  transaction: Transaction,
  account: Account,
  ta: TaState,
  request: SyncRequest,
  nonce: string,
  at: Seconds,
): Promise<Result<Adjustment, "insufficient-balance">> {
  const [deposited, withdrawn] = request.totals;
  const { d, w } = request;
  const deposits = deposited - (await totalUpTo(transaction, CONFIRMED, account.id, ta.id, d));
  const withdrawals =
    w > ta.w ? withdrawn - (await totalUpTo(transaction, CREDITED, account.id, ta.id, w)) : 0n;
  const own = account.status === "open" ? "online" : "suspense";
  const postings = [
    ...movement(ta.id, `${nonce}00`, "offline", own, withdrawals),
    ...movement(ta.id, `${nonce}01`, own, "offline", deposits),
  ];
  const posted = await post(transaction, account, postings, at);
  if (!posted.ok) return posted;
  if (deposits > 0n) {
    const sync = { reference: `${ta.id}${nonce}`, at };
    await countDeposit(core, transaction, account.id, deposits, sync);
  }
  await closeDeposits(transaction, account.id, ta, d, { change: deposits, total: deposited }, at);
  if (w > ta.w) {
    const gap = { change: withdrawals, total: withdrawn };
    await closeWithdrawals(transaction, account.id, ta.id, w, gap, at);
  }
  await setReadOnly(transaction, account.id, ta.id, undefined);
  return { ok: true, value: { deposits, withdrawals } };
}

/** A difference of totals as a posting; a negative one goes the other way. */
function movement(
  party: TaId,
  reference: string,
  debit: AccountKind,
  credit: AccountKind,
  change: bigint,
): Posting[] {
  if (change === 0n) return [];
  const key = { operation: "reconciliation", party, reference } as const;
  return change > 0n
    ? [{ ...key, debit, credit, amount: amount(change) }]
    : [{ ...key, debit: credit, credit: debit, amount: amount(-change) }];
}

async function totalUpTo(
  transaction: Transaction,
  statement: { readonly name: string; readonly text: string },
  client: WalletId,
  ta: TaId,
  number: number,
): Promise<bigint> {
  const values = [bytea(client), bytea(ta), number];
  const { rows } = await transaction.query<{ total: bigint }>(statement, values);
  return rows[0]?.total ?? 0n;
}

interface Gap {
  readonly change: bigint;
  readonly total: bigint;
}

const CLOSE_DEPOSITS = {
  name: "close-deposits",
  text: `INSERT INTO deposits (client_id, ta_id, d, kind, amount, total, posted_at)
    VALUES ($1, $2, $3, 'gap', $4, $5, $6)
    ON CONFLICT (client_id, ta_id, d)
    DO UPDATE SET kind = 'gap', amount = $4, j = NULL, payload = NULL, total = $5`,
};
const SHIFT_DEPOSITS = {
  name: "shift-deposits",
  text: `UPDATE deposits SET total = total + $4
    WHERE client_id = $1 AND ta_id = $2 AND d > $3`,
};

async function closeDeposits(
  transaction: Transaction,
  client: WalletId,
  ta: TaState,
  d: number,
  { change, total }: Gap,
  at: Seconds,
): Promise<void> {
  if (d === 0) return;
  const key = [bytea(client), bytea(ta.id), d];
  await transaction.query(SHIFT_DEPOSITS, [...key, change]);
  await transaction.query(CLOSE_DEPOSITS, [...key, change > 0n ? change : 0n, total, at]);
  if (d > ta.d) await advanceDeposits(transaction, client, ta.id, d);
}

const CLOSE_WITHDRAWALS = {
  name: "close-withdrawals",
  text: `INSERT INTO withdrawals (client_id, ta_id, w, kind, amount, total, posted_at)
    VALUES ($1, $2, $3, 'gap', $4, $5, $6)`,
};

async function closeWithdrawals(
  transaction: Transaction,
  client: WalletId,
  ta: TaId,
  w: number,
  { change, total }: Gap,
  at: Seconds,
): Promise<void> {
  await transaction.query(CLOSE_WITHDRAWALS, [bytea(client), bytea(ta), w, change, total, at]);
  await advanceWithdrawals(transaction, client, ta, w);
}
