import { amount, err, ok, seconds, unwrap, walletId, type WalletId } from "@bezant/protocol";
import { asSuperuser } from "@bezant/service/testing";
import type { Database, Statement, Transaction } from "@bezant/service/db";
import { describe, expect, test } from "vitest";
import {
  auditLedger,
  bytea,
  imbalance,
  isLedgerBalanced,
  lockAccounts,
  lockPair,
  NO_BALANCES,
  numberReference,
  post,
  postMany,
  type Account,
  type Balances,
  type Posting,
} from "../src/ledger/index.ts";
import { useDatabase } from "./support/database.ts";

const database = useDatabase();
const AT = seconds(1);
const [ANN, BEN, NOBODY] = [1, 2, 3].map((n) => walletId(numberReference(n).padStart(64, "0"))) as [
  WalletId,
  WalletId,
  WalletId,
];

async function found(): Promise<void> {
  for (const id of [ANN, BEN]) {
    await asSuperuser(
      database().url,
      `INSERT INTO clients VALUES ('${bytea(id)}', '${bytea(`02${id}`)}', 1, '${bytea("00")}', 0)
        ON CONFLICT DO NOTHING`,
      `INSERT INTO accounts (client_id, status) VALUES ('${bytea(id)}', 'open') ON CONFLICT DO NOTHING`,
    );
  }
}

function recorded(transaction: Transaction, log: unknown[][]): Transaction {
  return {
    query: (statement, values = []) => {
      log.push([...values]);
      return transaction.query(statement, values);
    },
  };
}

const account = (balances: Partial<Balances> = {}): Account => ({
  id: ANN,
  status: "open",
  sequence: 5n,
  balances: { ...NO_BALANCES, ...balances },
});
const posting = (changes: Partial<Posting> = {}): Posting => ({
  operation: "funding",
  party: "",
  reference: "00000001",
  debit: "reserves",
  credit: "online",
  amount: amount(9n),
  ...changes,
});

describe("accounts are locked", () => {
  test.each([
    [ANN, BEN],
    [BEN, ANN],
  ])("two in the order of their ids, and answered as asked for: %s, %s", async (one, other) => {
    await found();
    const log: unknown[][] = [];
    const pair = await database().transaction(async (transaction) =>
      ok(await lockPair(recorded(transaction, log), one, other)),
    );
    expect(unwrap(pair).map((each) => each?.id)).toEqual([one, other]);
    expect(log).toEqual([[bytea(ANN)], [bytea(BEN)]]);
  });

  test("many at once, each once, and who is unknown is missing", async () => {
    await found();
    const locked = await database().transaction(async (transaction) =>
      ok(await lockAccounts(transaction, [BEN, ANN, NOBODY, BEN])),
    );
    const { balances, ...rest } = account();
    const expected = { ...rest, sequence: 0n, balances };
    expect(unwrap(locked)).toEqual(
      new Map([
        [ANN, { ...expected, id: ANN }],
        [BEN, { ...expected, id: BEN }],
      ]),
    );
  });
});

describe("postings", () => {
  const untouchable: Transaction = {
    query: () => Promise.reject(new Error("nothing is to be written")),
  };

  test("that are none, or cannot be covered, write nothing", async () => {
    expect(await post(untouchable, account(), [], AT)).toEqual(ok(account()));
    const out = posting({ debit: "online", credit: "offline" });
    expect(await post(untouchable, account({ online: 8n }), [out], AT)).toEqual(
      err("insufficient-balance"),
    );
  });

  test("of many clients stop at one that was refused, before anything is written", async () => {
    const out = posting({ debit: "suspense", credit: "online" });
    const clients = [
      { account: account(), postings: [posting()] },
      { account: account({ online: 100n, suspense: 8n }), postings: [out] },
    ];
    await expect(postMany(untouchable, clients, AT)).rejects.toThrow("insufficient-balance");
  });

  test("of many clients are booked as those of one are, each numbered on from its own last", async () => {
    await found();
    const moves = (...rows: readonly (readonly [Posting["debit"], Posting["credit"], bigint])[]) =>
      rows.map(([debit, credit, x], n) =>
        posting({ debit, credit, amount: amount(x), reference: numberReference(n + 1) }),
      );
    const ann = moves(
      ["reserves", "online", 100n],
      ["loss", "online", 7n],
      ["online", "suspense", 1n],
      ["online", "offline", 2n],
      ["online", "clearing", 4n],
      ["online", "interbank", 8n],
    );
    const ben = moves(["clearing", "online", 4n]);
    const bothOf = () =>
      database().transaction(async (transaction) => ok(await lockPair(transaction, ANN, BEN)));
    const [first, second] = unwrap(await bothOf());
    unwrap(
      await database().transaction(async (transaction) => {
        await post(transaction, second!, moves(["reserves", "online", 50n]), AT);
        const [, moved] = await lockPair(transaction, ANN, BEN);
        const later = ben.map((each) => ({ ...each, reference: numberReference(9) }));
        const clients = [
          { account: first!, postings: ann },
          { account: moved!, postings: later },
        ];
        await postMany(transaction, clients, AT);
        return ok(undefined);
      }),
    );
    const online = { online: 92n, suspense: 1n, offline: 2n, clearing: 4n, interbank: 8n };
    expect(unwrap(await bothOf())).toMatchObject([
      { sequence: 6n, balances: { ...online, reserves: -100n, loss: -7n } },
      { sequence: 2n, balances: { ...NO_BALANCES, online: 54n, clearing: -4n, reserves: -50n } },
    ]);
    const { rows } = unwrap(
      await database().query<{ readonly row: string }>(
        `/* all clients: there are but two */ SELECT concat_ws(' ', right(encode(client_id, 'hex'), 1), sequence, operation, debit, credit, amount,
          encode(reference, 'hex'), posted_at) AS row FROM transfers ORDER BY client_id, sequence`,
      ),
    );
    expect(rows.map(({ row }) => row)).toEqual([
      "1 1 funding reserves online 100 00000001 1",
      "1 2 funding loss online 7 00000002 1",
      "1 3 funding online suspense 1 00000003 1",
      "1 4 funding online offline 2 00000004 1",
      "1 5 funding online clearing 4 00000005 1",
      "1 6 funding online interbank 8 00000006 1",
      "2 1 funding reserves online 50 00000001 1",
      "2 2 funding clearing online 4 00000009 1",
    ]);
  });

  test("of one unit, and of all that there is, are postings", async () => {
    const one = posting({ debit: "online", credit: "offline", amount: amount(1n) });
    const transaction: Transaction = { query: () => Promise.resolve({ rows: [] } as never) };
    const moved = await post(transaction, account({ online: 1n, reserves: -1n }), [one], AT);
    expect(moved).toMatchObject({
      value: { sequence: 6n, balances: { online: 0n, offline: 1n, reserves: -1n } },
    });
  });

  test("have a reference of four bytes", () => {
    expect([0, 10, 0xffff_ffff].map(numberReference)).toEqual(["00000000", "0000000a", "ffffffff"]);
  });
});

describe("the sum of a client's accounts", () => {
  test("is what all of them hold", () => {
    expect(imbalance(NO_BALANCES)).toBe(0n);
    const each = { online: 1n, suspense: 2n, offline: 4n, clearing: 8n, interbank: 16n };
    expect(imbalance({ ...each, reserves: -32n, loss: 64n })).toBe(63n);
  });
});

describe("a ledger balances", () => {
  const owed = { online: 1n, suspense: 2n, offline: 4n, interbank: 8n };
  const supply = { balances: { ...NO_BALANCES, ...owed, reserves: -15n }, funded: 15n };

  test("where all that is owed was paid in, and no account is off", () => {
    expect(isLedgerBalanced({ ...supply, tampered: [] })).toBe(true);
    const tampered = [{ client: ANN, account: "online", off: 1n }];
    expect(isLedgerBalanced({ ...supply, tampered })).toBe(false);
  });

  test.each([
    ["more was paid in", { funded: 16n }],
    ["less was paid in", { funded: 14n }],
    ["half of a payment is missing", { balances: { ...supply.balances, clearing: 1n } }],
    ["half of a payment was made up", { balances: { ...supply.balances, clearing: -1n } }],
  ])("and not where %s", (_, change) => {
    expect(isLedgerBalanced({ ...supply, ...change, tampered: [] })).toBe(false);
  });
});

describe("the audit of the ledger", () => {
  test("counts what was written off, what of it came back, and what was paid for clients that nobody knows", async () => {
    await found();
    const before = unwrap(await auditLedger(database()));
    const house = (operation: string, debit: string, credit: string, x: number): string =>
      `INSERT INTO house_transfers (operation, reference, take_up, debit, credit, amount, posted_at)
        VALUES ('${operation}', '${bytea("01")}', 1, '${debit}', '${credit}', ${x}, 1)`;
    const paid = (n: number, lost: number, isKnown: boolean, status: string): string =>
      `INSERT INTO forgotten_payments VALUES ('${bytea(NOBODY)}', '${bytea(`${n}`.padStart(32, "0"))}',
        'beta', '${bytea(BEN)}', 0, ${lost}, ${isKnown}, '${status}',
        ${status === "returned" ? "'unknown'" : "NULL"}, 0, '${bytea("00")}', 1)`;
    await asSuperuser(
      database().url,
      "SET session_replication_role = replica",
      house("write-off", "loss", "offline", 40),
      house("recovery", "offline", "loss", 10),
      paid(1, 7, false, "settled"),
      // In the accounts of a client already, and given back.
      paid(2, 200, true, "settled"),
      paid(3, 300, false, "returned"),
    );
    const after = unwrap(await auditLedger(database()));
    expect(after).toEqual({
      balances: {
        ...before.balances,
        offline: before.balances.offline + 30n,
        interbank: before.balances.interbank + 7n,
        loss: before.balances.loss - 37n,
      },
      funded: before.funded + 37n,
      tampered: [],
    });
    expect(isLedgerBalanced(after)).toBe(true);
  });

  test.each([1, 2, 3, 4])("does not answer without its query %i", async (missing) => {
    const failure = { code: "database-unavailable", detail: "gone" } as const;
    let asked = 0;
    const failing: Pick<Database, "query"> = {
      query: <R>(statement: Statement) => {
        asked += 1;
        return asked === missing ? Promise.resolve(err(failure)) : database().query<R>(statement);
      },
    };
    expect(await auditLedger(failing as Database)).toEqual(err(failure));
    expect(asked).toBe(missing);
  });
});
