import {
  amount as amountOf,
  counter,
  MAX_COUNTER,
  type Allowance,
  type Amount,
  type Seconds,
} from "@bezant/protocol";
import { done, refuse, type Decision } from "@bezant/service";
import type { Transaction } from "@bezant/service/db";
import type { ProviderRow } from "../core/providers.ts";
import { lockBalances, post, transfer, type AccountName } from "../ledger/index.ts";

const LAST = {
  name: "last-allowance",
  text: "SELECT n, amount FROM allowances WHERE provider = $1 AND n = $2",
};
const INSERT = {
  name: "insert-allowance",
  text: `INSERT INTO allowances (provider, n, amount, before, granted_at) VALUES ($1, $2, $3, $4, $5)`,
};
const ADVANCE = {
  name: "advance-allowance",
  text: "UPDATE providers SET allowance = $2 WHERE provider = $1",
};

/** The allowance that counts; number 0 and amount 0 before the first. */
async function lastAllowance(
  transaction: Transaction,
  { provider, allowance }: ProviderRow,
): Promise<Allowance> {
  const { rows } = await transaction.query<{ n: bigint; amount: bigint }>(LAST, [
    provider,
    allowance,
  ]);
  const { n, amount } = rows[0] ?? { n: 0n, amount: 0n };
  return { n: counter(Number(n)), amount: amountOf(amount) };
}

/**
 * Raises a provider's allowance to a cumulative amount, whose cost leaves its reserves first. One that is high enough stays, so the
 * same request again moves nothing. The provider's row is locked.
 */
export async function raise(
  transaction: Transaction,
  row: ProviderRow,
  to: Amount,
  at: Seconds,
): Promise<Decision<Allowance>> {
  const { provider, status, limit } = row;
  const last = await lastAllowance(transaction, row);
  if (to <= last.amount) return done(last);
  if (status !== "open") return refuse("provider-suspended");
  if (last.n === MAX_COUNTER) return refuse("allowance-limit", "no number is left");
  const cost = to - last.amount;
  const prefund: AccountName = { kind: "prefund", holder: provider };
  const reserves: AccountName = { kind: "reserves", holder: provider };
  const balances = await lockBalances(transaction, [prefund, reserves]);
  if ((balances.get(`prefund/${provider}`) ?? 0n) + cost > limit) return refuse("allowance-limit");
  const n = last.n + 1;
  const entries = transfer(reserves, prefund, cost);
  const reference = `${provider}/${n}`;
  const posted = await post(transaction, { operation: "allowance", reference, entries }, at);
  if (!posted.ok) return refuse("insufficient-reserves");
  await transaction.query(INSERT, [provider, n, to, last.amount, at]);
  await transaction.query(ADVANCE, [provider, n]);
  return done({ n: counter(n), amount: to });
}
