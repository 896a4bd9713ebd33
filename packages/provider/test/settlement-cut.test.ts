import { ok, unwrap, type WalletId } from "@bezant/protocol";
import { beforeAll, describe, expect, test } from "vitest";
import { readPosition, type Flow } from "../src/audit/position.ts";
import { createCore, type Core } from "../src/core/core.ts";
import { bytea } from "../src/ledger/index.ts";
import { cutReport, isAnythingToReport } from "../src/settlement/cut.ts";
import { readReport } from "../src/settlement/reports.ts";
import { useDatabase } from "./support/database.ts";
import { makeWorld, type World } from "./support/world/index.ts";
import { expectSupplyIdentity } from "./support/world/supply.ts";

const database = useDatabase();
let world: World;
let core: Core;
beforeAll(async () => {
  world = await makeWorld(database());
  core = unwrap(await createCore(world.parts));
});
expectSupplyIdentity(() => world);

/** What one report holds, as `operation debit credit` → amount. */
async function heldBy(report: bigint): Promise<Record<string, bigint>> {
  const found = await database().query<{ kind: string; amount: bigint }>(
    `SELECT concat_ws(' ', operation, debit, credit) AS kind, sum(amount) AS amount
      FROM cut_totals WHERE report = $1 GROUP BY 1`,
    [report],
  );
  return Object.fromEntries(unwrap(found).rows.map(({ kind, amount }) => [kind, amount]));
}

const sum = (flows: readonly Flow[]): Record<string, bigint> =>
  Object.fromEntries(
    flows.map(({ operation, debit, credit, amount }) => [
      `${operation} ${debit} ${credit}`,
      amount,
    ]),
  );

let report = 0n;
/** Cuts the next report. */
async function cut(): Promise<bigint> {
  report += 1n;
  unwrap(await cutReport(core, report));
  return report;
}

async function cutsOf(client: WalletId): Promise<unknown[]> {
  const found = await database().query(
    `SELECT report, after_sequence AS after, through_sequence AS through FROM cuts
      WHERE client_id = $1 ORDER BY report`,
    [bytea(client)],
  );
  return unwrap(found).rows;
}

describe("a report", () => {
  test("holds what has moved since the last one, by kind, and each movement is in one", async () => {
    const [wallet, ta] = await world.walletWithTa(1000n, 300n);
    const first = await cut();
    expect(await heldBy(first)).toEqual({
      "funding reserves online": 1000n,
      "deposit online offline": 300n,
    });
    await wallet.withdraw(ta, 50n);
    await wallet.deposit(ta, 7n);
    const second = await cut();
    expect(await heldBy(second)).toEqual({
      "withdrawal offline online": 50n,
      "deposit online offline": 7n,
    });
    expect(await cutsOf(wallet.id)).toEqual([
      { report: first, after: 0n, through: 2n },
      { report: second, after: 2n, through: 4n },
    ]);
    expect(unwrap(await isAnythingToReport(core))).toBe(false);
    expect(await heldBy(await cut())).toEqual({});
  });

  test("takes the certificates that none has told of, also of clients who have moved nothing", async () => {
    const wallet = await world.wallet();
    expect(unwrap(await isAnythingToReport(core))).toBe(true);
    const number = await cut();
    const found = await database().query("SELECT report FROM certificates WHERE client_id = $1", [
      bytea(wallet.id),
    ]);
    expect(unwrap(found).rows).toEqual([{ report: number }]);
    expect(await cutsOf(wallet.id)).toEqual([{ report: number, after: 0n, through: 0n }]);
  });

  test("is resumed where it was broken off, and takes nobody twice", async () => {
    const wallets = [await world.wallet(10n), await world.wallet(20n)];
    const [first] = wallets.toSorted((a, b) => (a.id < b.id ? -1 : 1));
    report += 1n;
    // As a crash leaves it after the first batch of one client.
    await database().transaction(async (transaction) => {
      await transaction.query(
        "INSERT INTO reports (number, n, status) VALUES ($1, $1, 'cutting')",
        [report],
      );
      const values = [bytea(first!.id), report];
      await transaction.query("INSERT INTO cuts VALUES ($1, $2, 0, 1)", values);
      await transaction.query(
        `INSERT INTO cut_totals SELECT client_id, $2, operation, debit, credit, 1, amount
          FROM transfers WHERE client_id = $1`,
        values,
      );
      const advance = "UPDATE accounts SET cut_report = $2, cut_sequence = 1 WHERE client_id = $1";
      return ok(await transaction.query(advance, values));
    });
    const position = unwrap(await readPosition(database()));
    expect(position.cut).toBe(report - 1n);
    expect(sum(position.unreported)).toEqual({ "funding reserves online": 30n });
    // Of what comes later, the one that was cut has to wait for the next report.
    for (const wallet of wallets) await world.fund(wallet.id, 1n);
    unwrap(await cutReport(core, report));
    const later = first === wallets[0] ? 21n : 11n;
    const cutEarlier = first === wallets[0] ? 10n : 20n;
    expect(await heldBy(report)).toEqual({ "funding reserves online": cutEarlier + later });
    const next = await cut();
    expect(await heldBy(next)).toEqual({ "funding reserves online": 1n });
  });

  test("that is complete never changes again", async () => {
    const wallet = await world.wallet(5n);
    const number = await cut();
    const before = await heldBy(number);
    await world.fund(wallet.id, 5n);
    unwrap(await cutReport(core, number));
    expect(await heldBy(number)).toEqual(before);
    expect(unwrap(await readReport(database(), number))).toMatchObject({ status: "cut" });
    expect(await heldBy(await cut())).toEqual({ "funding reserves online": 5n });
  });

  test("cut by several servers at once, under load, still counts everything once", async () => {
    const wallets = await Promise.all(Array.from({ length: 12 }, () => world.wallet(100n)));
    const payments = wallets.flatMap((wallet, i) =>
      Array.from({ length: 6 }, async () => {
        const order = wallet.order(wallets[(i + 1) % 12]!.id, 1n, core.random(16));
        expect((await wallet.post("payments", order)).code()).toBe("ok");
      }),
    );
    for (let round = 0; round < 4; round += 1) {
      report += 1n;
      for (const one of await Promise.all([1, 2, 3].map(() => cutReport(core, report))))
        unwrap(one);
    }
    await Promise.all(payments);
    await cut();
    const { unreported, reported } = unwrap(await readPosition(database()));
    expect(unreported).toEqual([]);
    expect(sum(reported)).toMatchObject({
      "payment-sent online clearing": 72n,
      "payment-received clearing online": 72n,
    });
  });
});
