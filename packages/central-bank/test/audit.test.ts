import { amount, unwrap } from "@bezant/protocol";
import type { OpenDatabase } from "@bezant/service/db";
import { asSuperuser } from "@bezant/service/testing";
import { beforeEach, describe, expect, test } from "vitest";
import { isBalanced, type Supply } from "../src/index.ts";
import { useDatabases } from "./support/database.ts";
import { World } from "./support/world.ts";

const newDatabase = useDatabases();
let db: OpenDatabase;
let world: World;
beforeEach(async () => {
  db = await newDatabase();
  world = await (await World.on(db)).open();
  unwrap(await world.bank.report(world.a.report({ deposits: 300n })));
  unwrap(await world.bank.report(world.b.report({ claims: 200n })));
  await world.closeWindow();
  unwrap(await world.bank.report(world.a.report({ deposits: 11n, claims: 3n })));
  unwrap(await world.bank.pay(world.a.payment(world.b, 40n)));
});

/** The audit after somebody with the database's password has been there. */
async function after(...statements: string[]): Promise<Supply> {
  await asSuperuser(db.url, ...statements);
  const supply = unwrap(await world.bank.audit());
  expect(isBalanced(supply)).toBe(false);
  return supply;
}

test("an untouched ledger adds up, with what is pending named", async () => {
  const supply = unwrap(await world.bank.audit());
  expect(isBalanced(supply)).toBe(true);
  expect(supply).toMatchObject({ issuance: 2000n, circulation: 100n, loss: 0n, window: 2n });
  expect(supply.providers).toMatchObject([
    {
      provider: "bank-a",
      reserves: 460n,
      prefund: 200n,
      issued: 1000n,
      received: -40n,
      outward: 311n,
      inward: 3n,
      pendingOutward: 11n,
      pendingInward: 3n,
      report: 2n,
    },
    { provider: "bank-b", reserves: 740n, prefund: 500n, received: 40n, advice: 1n, inward: 200n },
  ]);
});

describe("the audit names", () => {
  test("a balance that was changed, and by how much", async () => {
    const { tampered, mismatches } = await after(
      "UPDATE accounts SET balance = balance + 5 WHERE kind = 'reserves' AND holder = 'bank-b'",
    );
    expect(tampered).toEqual([{ account: "reserves", holder: "bank-b", posting: "", off: 5n }]);
    expect(mismatches).toEqual([]);
  });

  test("money that was moved between two accounts, though the sum is right", async () => {
    const { tampered } = await after(
      "UPDATE accounts SET balance = balance + 5 WHERE kind = 'reserves' AND holder = 'bank-b'",
      "UPDATE accounts SET balance = balance - 5 WHERE kind = 'circulation'",
    );
    expect(tampered).toMatchObject([
      { account: "circulation", holder: "", off: -5n },
      { account: "reserves", holder: "bank-b", off: 5n },
    ]);
  });

  test("a balance and an entry that were changed together, by what the entry stands for", async () => {
    const { tampered } = await after(
      "UPDATE accounts SET balance = balance + 5 WHERE kind = 'reserves' AND holder = 'bank-b'",
      "UPDATE entries SET amount = amount + 5 WHERE kind = 'reserves' AND holder = 'bank-b' AND operation = 'payment'",
    );
    expect(tampered).toHaveLength(1);
    expect(tampered[0]).toMatchObject({ account: "reserves", holder: "bank-b", off: 5n });
    expect(tampered[0]?.posting).toMatch(/^payment bank-a\/[0-9a-f]{32}$/);
  });

  test.each(["issue", "allowance", "window", "payment"])(
    "an entry of %s that was deleted",
    async (operation) => {
      const { tampered } = await after(
        `DELETE FROM entries WHERE operation = '${operation}' AND kind = 'reserves' AND holder = 'bank-b'`,
      );
      const postings = tampered.map(({ account, posting }) => [account, posting.split(" ")[0]]);
      expect(postings).toContainEqual(["reserves", ""]);
      expect(postings).toContainEqual(["reserves", operation]);
    },
  );

  test("money that was made up whole: balances, posting and entries, without an order", async () => {
    const { tampered } = await after(
      "UPDATE accounts SET balance = balance - 9 WHERE kind = 'issuance'",
      "UPDATE accounts SET balance = balance + 9 WHERE kind = 'reserves' AND holder = 'bank-a'",
      "INSERT INTO postings VALUES ('issue', 'ff', 0)",
      "INSERT INTO entries VALUES ('issue', 'ff', 'issuance', '', -9), ('issue', 'ff', 'reserves', 'bank-a', 9)",
    );
    expect(tampered).toMatchObject([
      { account: "issuance", holder: "", posting: "issue ff", off: -9n },
      { account: "reserves", holder: "bank-a", posting: "issue ff", off: 9n },
    ]);
  });

  test("an order, report or payment whose row does not say what was signed", async () => {
    const { mismatches } = await after(
      "UPDATE orders SET amount = amount + 2 WHERE kind = 'issue' AND provider = 'bank-a'",
      "UPDATE reports SET inward = inward - 1 WHERE provider = 'bank-a' AND n = 2",
      "UPDATE payments SET amount = amount + 4",
    );
    expect(mismatches.map(({ row, off }) => [row.split(" ")[0], off])).toEqual([
      ["order", 2n],
      ["report", -1n],
      ["payment", 4n],
    ]);
    expect(mismatches[1]?.row).toBe("report bank-a/0000000002");
  });

  test("a loss, by its owner", async () => {
    unwrap(await world.bank.report(world.b.report({ deposits: 600n })));
    await world.closeWindow();
    const supply = unwrap(await world.bank.audit());
    expect(isBalanced(supply)).toBe(true);
    expect(supply.providers[1]).toMatchObject({ provider: "bank-b", loss: 100n });
  });
});

test("a payment that came back is audited as both movements", async () => {
  const [advice] = await world.advices(world.b);
  const { n, payerProvider, instruction } = advice!;
  const back = { n, payerProvider, instruction, amount: amount(40n), reason: "unknown-client" };
  unwrap(await world.bank.giveBack(world.b.giveBack(back)));
  const supply = unwrap(await world.bank.audit());
  expect(isBalanced(supply)).toBe(true);
  expect(supply.providers.map(({ received }) => received)).toEqual([0n, 0n]);
  const { tampered } = await after("UPDATE payments SET state = 'settled', reason = NULL");
  expect(tampered.map(({ posting }) => posting.split(" ")[0])).toEqual(["return", "return"]);
});
