import { err, ok, type Result, type Seconds } from "@bezant/protocol";
import type { Transaction } from "@bezant/service/db";
import { bytea, type Account } from "./accounts.ts";
import {
  ACCOUNT_KINDS,
  applyPosting,
  type Balances,
  type Posting,
  type PostingRefusal,
} from "./balances.ts";

const MOVE_ONE = {
  name: "move-one",
  text: `UPDATE accounts SET online = online + $2, suspense = suspense + $3, offline = offline + $4,
      clearing = clearing + $5, interbank = interbank + $6, reserves = reserves + $7,
      loss = loss + $8, sequence = $9
    WHERE client_id = $1`,
};
const TRANSFER_ONE = {
  name: "transfer-one",
  text: `INSERT INTO transfers
      (client_id, sequence, operation, party, reference, debit, credit, amount, posted_at)
    SELECT $1::bytea, t.*, $9::bigint
    FROM unnest($2::bigint[], $3::text[], $4::bytea[], $5::bytea[], $6::text[], $7::text[],
      $8::numeric[]) AS t`,
};

const MOVE_MANY = {
  name: "move-many",
  text: `UPDATE accounts AS a SET online = a.online + m.online, suspense = a.suspense + m.suspense,
      offline = a.offline + m.offline, clearing = a.clearing + m.clearing,
      interbank = a.interbank + m.interbank, reserves = a.reserves + m.reserves, loss = a.loss + m.loss, sequence = m.sequence
    FROM unnest($1::bytea[], $2::numeric[], $3::numeric[], $4::numeric[], $5::numeric[], $6::numeric[],
        $7::numeric[], $8::numeric[], $9::bigint[])
      AS m (client_id, online, suspense, offline, clearing, interbank, reserves, loss, sequence)
    WHERE a.client_id = m.client_id`,
};
const TRANSFER_MANY = {
  name: "transfer-many",
  text: `INSERT INTO transfers
      (client_id, sequence, operation, party, reference, debit, credit, amount, posted_at)
    SELECT t.*, $9::bigint
    FROM unnest($1::bytea[], $2::bigint[], $3::text[], $4::bytea[], $5::bytea[], $6::text[], $7::text[],
      $8::numeric[]) AS t`,
};

/**
 * Moves money between the accounts of one client, all of the postings or none. The account must be the one that this
 * transaction has locked.
 * @returns the account as it is now
 * @throws for an idempotency key that was used before: the operation must have looked first
 */
export async function post(
  transaction: Transaction,
  account: Account,
  postings: readonly Posting[],
  at: Seconds,
): Promise<Result<Account, PostingRefusal>> {
  const moved = applyAll(account, postings);
  if (!moved.ok || postings.length === 0) return moved;
  const id = bytea(account.id);
  const change = difference(account.balances, moved.value.balances);
  await transaction.query(MOVE_ONE, [id, ...change, moved.value.sequence]);
  const [, ...columns] = transpose([{ account, postings }]);
  await transaction.query(TRANSFER_ONE, [id, ...columns, at]);
  return moved;
}

export interface ClientPostings {
  readonly account: Account;
  readonly postings: readonly Posting[];
}

/** As `post`, for many clients in two statements. Only for postings that cannot be refused: credits of clients. */
export async function postMany(
  transaction: Transaction,
  clients: readonly ClientPostings[],
  at: Seconds,
): Promise<void> {
  const columns: unknown[][] = Array.from({ length: ACCOUNT_KINDS.length + 2 }, () => []);
  for (const { account, postings } of clients) {
    const moved = applyAll(account, postings);
    if (!moved.ok) throw new Error(`a credit was refused: ${moved.error}`);
    const change = difference(account.balances, moved.value.balances);
    const row = [bytea(account.id), ...change, moved.value.sequence];
    for (const [index, value] of row.entries()) columns[index]?.push(value);
  }
  await transaction.query(MOVE_MANY, columns);
  await transaction.query(TRANSFER_MANY, [...transpose(clients), at]);
}

function applyAll(account: Account, postings: readonly Posting[]): Result<Account, PostingRefusal> {
  let { balances } = account;
  for (const posting of postings) {
    const applied = applyPosting(balances, posting);
    if (!applied.ok) return err(applied.error);
    balances = applied.value;
  }
  return ok({ ...account, balances, sequence: account.sequence + BigInt(postings.length) });
}

function difference(before: Balances, after: Balances): bigint[] {
  return ACCOUNT_KINDS.map((kind) => after[kind] - before[kind]);
}

/** The transfers as one array for each column, numbered on from each client's last one. */
function transpose(clients: readonly ClientPostings[]): unknown[][] {
  const ids: string[] = [];
  const sequences: bigint[] = [];
  const postings: Posting[] = [];
  for (const client of clients) {
    const { id, sequence } = client.account;
    for (const [index, posting] of client.postings.entries()) {
      ids.push(bytea(id));
      sequences.push(sequence + BigInt(index) + 1n);
      postings.push(posting);
    }
  }
  return [
    ids,
    sequences,
    postings.map(({ operation }) => operation),
    postings.map(({ party }) => bytea(party)),
    postings.map(({ reference }) => bytea(reference)),
    postings.map(({ debit }) => debit),
    postings.map(({ credit }) => credit),
    postings.map(({ amount }) => amount),
  ];
}

/** A number as a transfer's reference: four bytes. */
export function numberReference(value: number): string {
  return value.toString(16).padStart(8, "0");
}
