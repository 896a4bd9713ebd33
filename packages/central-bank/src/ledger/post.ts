import { err, ok, type ProviderId, type Result, type Seconds } from "@bezant/protocol";
import type { Transaction } from "@bezant/service/db";
import { balanced, isWithinBounds, type AccountName, type Posting } from "./accounts.ts";

const LOCK = {
  name: "lock-accounts",
  text: `SELECT a.kind, a.holder, a.balance FROM accounts AS a
    JOIN unnest($1::text[], $2::text[]) AS n (kind, holder) ON n.kind = a.kind AND n.holder = a.holder
    ORDER BY a.kind, a.holder FOR UPDATE OF a`,
};
const MOVE = {
  name: "move",
  text: `UPDATE accounts AS a SET balance = a.balance + e.amount
    FROM unnest($1::text[], $2::text[], $3::numeric[]) AS e (kind, holder, amount)
    WHERE a.kind = e.kind AND a.holder = e.holder`,
};
const INSERT_POSTING = {
  name: "insert-posting",
  text: "INSERT INTO postings (operation, reference, posted_at) VALUES ($1, $2, $3)",
};
const INSERT_ENTRIES = {
  name: "insert-entries",
  text: `INSERT INTO entries (operation, reference, kind, holder, amount)
    SELECT $1, $2, e.* FROM unnest($3::text[], $4::text[], $5::numeric[]) AS e`,
};

interface Row extends AccountName {
  readonly balance: bigint;
}

/** Which account does not cover what would leave it. */
export type Uncovered = AccountName;

/**
 * Books a posting, all of its entries or none. An account that is not there is as one that does not cover it.
 * @throws for an operation and reference that were used before: the operation must have looked first
 */
export async function post(
  transaction: Transaction,
  { operation, reference, entries }: Posting,
  at: Seconds,
): Promise<Result<void, Uncovered>> {
  const lines = balanced(entries);
  if (lines.length === 0) return ok(undefined);
  const balances = await lockBalances(transaction, lines);
  for (const { kind, holder, amount } of lines) {
    const before = balances.get(`${kind}/${holder}`);
    if (before === undefined || !isWithinBounds(kind, before + amount))
      return err({ kind, holder });
  }
  const columns = [
    lines.map(({ kind }) => kind),
    lines.map(({ holder }) => holder),
    lines.map(({ amount }) => amount),
  ];
  await transaction.query(MOVE, columns);
  await transaction.query(INSERT_POSTING, [operation, reference, at]);
  await transaction.query(INSERT_ENTRIES, [operation, reference, ...columns]);
  return ok(undefined);
}

/** Balances by `kind/holder`, locked until the transaction ends. */
export async function lockBalances(
  transaction: Transaction,
  accounts: readonly AccountName[],
): Promise<ReadonlyMap<string, bigint>> {
  const names = [accounts.map(({ kind }) => kind), accounts.map(({ holder }) => holder)];
  const { rows } = await transaction.query<Row>(LOCK, names);
  return new Map(rows.map(({ kind, holder, balance }) => [`${kind}/${holder}`, balance]));
}

const OPEN = {
  name: "open-accounts",
  text: `INSERT INTO accounts (kind, holder)
    SELECT kind, $1 FROM unnest(ARRAY['loss', 'prefund', 'reserves']) AS kind
    ON CONFLICT (kind, holder) DO NOTHING`,
};

export async function openAccounts(transaction: Transaction, provider: ProviderId): Promise<void> {
  await transaction.query(OPEN, [provider]);
}
