import { randomBytes } from "node:crypto";
import { unwrap } from "@bezant/protocol";
import { beforeAll, describe, expect, test } from "vitest";
import { createCore } from "../src/core/core.ts";
import { isBalanced } from "../src/index.ts";
import { bytea } from "../src/ledger/index.ts";
import { cutReport } from "../src/settlement/cut.ts";
import { useDatabase } from "./support/database.ts";
import { asSuperuser } from "@bezant/service/testing";
import { makeWorld, type World } from "./support/world/index.ts";

const database = useDatabase();
let world: World;
let client: string;
let other: string;
let ta: string;

/** One of every operation that moves money. */
beforeAll(async () => {
  world = await makeWorld(database());
  const [payer, device] = await world.walletWithTa(1000n, 300n);
  const payee = await world.wallet();
  await payer.withdraw(device, 40n);
  await payer.post("payments", payer.order(payee.id, 25n, randomBytes(16)));
  const paid = device.pay(payee.payee, 10n);
  expect((await payee.post("claims", paid)).code()).toBe("ok");
  await world.setStatus(payee.id, "frozen");
  await world.fund(payee.id, 3n);
  await world.setStatus(payee.id, "open");
  unwrap(await cutReport(unwrap(await createCore(world.parts)), 1n));
  [client, other, ta] = [payer.id, payee.id, device.id];
});

const audit = async () => unwrap(await world.provider.audit());

describe("the audit of transfers against what they stand for", () => {
  test("finds nothing in a sound ledger", async () => {
    const supply = await audit();
    expect(supply.mismatches).toEqual([]);
    expect(isBalanced(supply)).toBe(true);
  });

  test.each([
    ["a deposit", "deposits", "kind = 'deposit'", "deposit", () => client],
    ["a withdrawal", "withdrawals", "w = 1", "withdrawal", () => client],
    ["a claim", "claims", "status = 'claimed'", "claim", () => other],
    ["a payment", "orders", "amount > 20", "payment-sent", () => client],
    ["a funding", "operator_orders", "amount > 500", "funding", () => client],
    ["what was reported", "cut_totals", "operation = 'claim'", "reported claim", () => other],
  ])(
    "names the client and the difference where %s was changed",
    async (_, table, row, what, who) => {
      const set = (by: string) =>
        asSuperuser(database().url, `UPDATE ${table} SET amount = amount ${by} WHERE ${row}`);
      await set("+ 2");
      const supply = await audit();
      await set("- 2");
      const { mismatches } = supply;
      expect(mismatches).toContainEqual(
        expect.objectContaining({ client: who(), operation: what, off: -2n }),
      );
      const others = mismatches.filter(({ operation }) => operation !== what);
      expect(others.map(({ operation }) => operation)).toEqual(
        what === "payment-sent" ? ["payment-received"] : [],
      );
      expect(supply.tampered).toEqual([]);
      expect(isBalanced(supply)).toBe(false);
      expect(isBalanced(await audit())).toBe(true);
    },
  );

  test("names money that was made with a balance and a transfer, and no operation", async () => {
    const invent = `INSERT INTO transfers VALUES ('${bytea(other)}', 900, 'withdrawal', '${bytea(ta)}', '\\x00000009',
      'offline', 'online', 77, 0)`;
    const move = (x: number) =>
      `UPDATE accounts SET online = online + ${x}, offline = offline - ${x} WHERE client_id = '${bytea(other)}'`;
    await asSuperuser(database().url, `${invent}; ${move(77)}`);
    const supply = await audit();
    await asSuperuser(database().url, `DELETE FROM transfers WHERE sequence = 900; ${move(-77)}`);
    expect(supply.tampered).toEqual([]);
    expect(supply.mismatches).toEqual([
      { client: other, operation: "withdrawal", party: ta, reference: "00000009", off: 77n },
    ]);
    expect(isBalanced(supply)).toBe(false);
  });

  test("names an operation whose transfer is gone", async () => {
    await asSuperuser(
      database().url,
      "UPDATE transfers SET operation = 'release' WHERE operation = 'claim'",
    );
    const { mismatches } = await audit();
    await asSuperuser(
      database().url,
      "UPDATE transfers SET operation = 'claim' WHERE operation = 'release' AND debit = 'offline'",
    );
    expect(mismatches).toContainEqual(
      expect.objectContaining({ client: other, operation: "claim", off: -10n }),
    );
    expect(mismatches).toContainEqual(
      expect.objectContaining({ client: other, operation: "release", off: 10n }),
    );
  });
});
