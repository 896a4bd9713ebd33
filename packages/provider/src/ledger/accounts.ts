import { walletId, type WalletId } from "@bezant/protocol";
import type { Transaction } from "@bezant/service/db";
import type { Balances } from "./balances.ts";

export type AccountStatus = "open" | "frozen" | "closed";

/** A client's row of accounts, locked until the transaction ends. */
export interface Account {
  readonly id: WalletId;
  readonly status: AccountStatus;
  readonly balances: Balances;
  /** Of its last transfer. */
  readonly sequence: bigint;
}

type Row = Balances & {
  readonly id: string;
  readonly status: AccountStatus;
  readonly sequence: bigint;
};

// NO KEY UPDATE, as every change of a row that keeps its key: foreign keys to the row do not wait for it.
const LOCK_ONE = {
  name: "lock-account",
  text: `SELECT encode(client_id, 'hex') AS id, status, sequence,
      online, suspense, offline, clearing, interbank, reserves, loss
    FROM accounts WHERE client_id = $1 FOR NO KEY UPDATE`,
};

// The sort comes before the locks, so any two transactions take their common rows in the same order.
const LOCK_MANY = {
  name: "lock-accounts",
  text: `SELECT encode(client_id, 'hex') AS id, status, sequence,
      online, suspense, offline, clearing, interbank, reserves, loss
    FROM accounts WHERE client_id = ANY ($1::bytea[]) ORDER BY client_id FOR NO KEY UPDATE`,
};

/** Locks a client's accounts: from here to COMMIT its operations are one after the other. Undefined: no such client. */
export async function lockAccount(
  transaction: Transaction,
  client: WalletId,
): Promise<Account | undefined> {
  const { rows } = await transaction.query<Row>(LOCK_ONE, [bytea(client)]);
  return rows[0] === undefined ? undefined : toAccount(rows[0]);
}

/** Locks the accounts of two clients, in the order of their ids and one statement each. */
export async function lockPair(
  transaction: Transaction,
  one: WalletId,
  other: WalletId,
): Promise<readonly [Account | undefined, Account | undefined]> {
  if (one < other) {
    const first = await lockAccount(transaction, one);
    return [first, await lockAccount(transaction, other)];
  }
  const first = await lockAccount(transaction, other);
  return [await lockAccount(transaction, one), first];
}

/** Locks the accounts of many clients in the order of their ids; those that do not exist are missing. */
export async function lockAccounts(
  transaction: Transaction,
  clients: Iterable<WalletId>,
): Promise<Map<WalletId, Account>> {
  const ids = [...new Set(clients)].map(bytea);
  const { rows } = await transaction.query<Row>(LOCK_MANY, [ids]);
  return new Map(rows.map((row) => [walletId(row.id), toAccount(row)]));
}

/** How PostgreSQL reads bytes from text; ids and digests are hex already. */
export function bytea(hex: string): string {
  return `\\x${hex}`;
}

function toAccount(row: Row): Account {
  const { id, status, sequence, ...balances } = row;
  return { id: walletId(id), status, sequence, balances };
}
