import { amount, err, ok, seconds, unwrap, walletId, type WalletId } from "@bezant/protocol";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Transaction } from "@bezant/service/db";
import {
  ACCOUNT_KINDS,
  applyPosting,
  auditLedger,
  bytea,
  imbalance,
  isLedgerBalanced,
  lockAccount,
  NO_BALANCES,
  post,
  type Balances,
  type Posting,
} from "../src/ledger/index.ts";
import { withClient, asSuperuser } from "@bezant/service/testing";
import { useDatabase } from "./support/database.ts";

const database = useDatabase();
const AT = seconds(1);

let clients = 0;
async function newClient(): Promise<WalletId> {
  clients += 1;
  const id = walletId(clients.toString(16).padStart(64, "0"));
  await database().transaction(async (transaction) => {
    const values = [bytea(id), bytea(`02${"00".repeat(32)}`), bytea("00")];
    await transaction.query("INSERT INTO clients VALUES ($1, $2, 1, $3, 0)", values);
    const account = "INSERT INTO accounts (client_id, status) VALUES ($1, 'open')";
    return ok(await transaction.query(account, [bytea(id)]));
  });
  return id;
}

function posting(x: bigint, changes: Partial<Posting> = {}): Posting {
  const key = { operation: "funding", party: "", reference: "00000001" } as const;
  return { ...key, debit: "reserves", credit: "online", amount: amount(x), ...changes };
}

function inTransaction<T>(work: (transaction: Transaction) => Promise<T>) {
  return database().transaction(async (transaction) => ok(await work(transaction)));
}

async function postTo(client: WalletId, ...postings: Posting[]) {
  const done = await inTransaction(async (transaction) => {
    const account = await lockAccount(transaction, client);
    return post(transaction, account!, postings, AT);
  });
  return unwrap(done);
}

async function balancesOf(client: WalletId): Promise<Balances> {
  const account = unwrap(await inTransaction((transaction) => lockAccount(transaction, client)));
  return account!.balances;
}

describe("a posting", () => {
  const kinds = fc.constantFrom(...ACCOUNT_KINDS);
  const balances = fc.record({
    online: fc.bigInt(0n, 2n ** 70n),
    suspense: fc.bigInt(0n, 2n ** 70n),
    offline: fc.bigInt(-(2n ** 70n), 2n ** 70n),
    clearing: fc.bigInt(-(2n ** 70n), 2n ** 70n),
    interbank: fc.bigInt(-(2n ** 70n), 2n ** 70n),
    reserves: fc.bigInt(-(2n ** 70n), 0n),
    loss: fc.bigInt(-(2n ** 70n), 0n),
  });
  const postings = fc.record({
    debit: kinds,
    credit: kinds,
    amount: fc.bigInt(1n, 2n ** 64n - 1n).map(amount),
  });

  test("keeps the sum of all accounts, touches only two, and overdraws nobody", () => {
    fc.assert(
      fc.property(balances, postings, (before, change) => {
        const after = applyPosting(before, posting(1n, change));
        const { debit, credit, amount: x } = change;
        const isOwned = debit === "online" || debit === "suspense";
        const isShort = debit !== credit && isOwned && before[debit] < x;
        expect(after.ok).toBe(!isShort);
        if (!after.ok) return;
        expect(imbalance(after.value)).toBe(imbalance(before));
        const moved = debit === credit ? 0n : x;
        const expected = { ...before, [debit]: before[debit] - moved };
        expect(after.value).toEqual({ ...expected, [credit]: expected[credit] + moved });
      }),
    );
  });

  test("moves something", () => {
    expect(() => applyPosting(NO_BALANCES, posting(0n))).toThrow("nothing");
  });

  test("is booked on both accounts, with one transfer", async () => {
    const client = await newClient();
    await postTo(client, posting(100n));
    const out = { debit: "online", credit: "offline", operation: "deposit" } as const;
    expect(await postTo(client, posting(30n, out))).toMatchObject({ value: { sequence: 2n } });
    const expected = { ...NO_BALANCES, online: 70n, offline: 30n, reserves: -100n };
    expect(await balancesOf(client)).toEqual(expected);
    expect(isLedgerBalanced(unwrap(await auditLedger(database())))).toBe(true);
  });

  test("without the money changes nothing, nor do the others of its transaction", async () => {
    const client = await newClient();
    const out = { debit: "online", credit: "offline", operation: "deposit" } as const;
    expect(await postTo(client, posting(10n), posting(11n, out))).toEqual(
      err("insufficient-balance"),
    );
    expect(await balancesOf(client)).toEqual(NO_BALANCES);
  });

  test("with a used idempotency key is refused by the database, whatever the code believes", async () => {
    const client = await newClient();
    await postTo(client, posting(100n));
    await expect(postTo(client, posting(100n))).rejects.toThrow(/duplicate key/);
    expect(await balancesOf(client)).toMatchObject({ online: 100n });
  });
});

describe("the database itself refuses", () => {
  test.each([
    ["an overdraft", "online = -1, offline = 1"],
    ["a sum that is not zero", "online = 1"],
    ["not a number", "online = 'NaN', offline = 'NaN'"],
    ["reserves that are owed", "reserves = 1, offline = -1"],
  ])("%s", async (_, set) => {
    const client = await newClient();
    const update = withClient(database().url, (connection) =>
      connection.query(`UPDATE accounts SET ${set} WHERE client_id = $1`, [bytea(client)]),
    );
    await expect(update).rejects.toThrow(/check constraint/);
  });
});

describe("the audit", () => {
  test("names the account that was tampered with, and by how much it is off", async () => {
    const client = await newClient();
    await postTo(client, posting(100n));
    const set = (online: number, reserves: number) =>
      asSuperuser(
        database().url,
        `UPDATE accounts SET online = ${online}, reserves = ${reserves} WHERE client_id = '${bytea(client)}'`,
      );
    await set(105, -105);
    const supply = unwrap(await auditLedger(database()));
    expect(supply.tampered).toEqual([
      { client, account: "online", off: 5n },
      { client, account: "reserves", off: -5n },
    ]);
    expect(isLedgerBalanced(supply)).toBe(false);
    await set(100, -100);
    expect(isLedgerBalanced(unwrap(await auditLedger(database())))).toBe(true);
  });
});
