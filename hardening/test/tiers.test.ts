import { useServer, withClient } from "@bezant/service/testing";
import { describe, expect, it, vi } from "vitest";
import { asSuperuser, makeDatabases } from "../src/tiers/databases.ts";
import type { InstitutionName } from "../src/tiers/found.ts";
import { runTiers } from "../src/tiers/run.ts";

// Whole servers start and recover again and again: on a busy machine that takes its time.
vi.setConfig({ testTimeout: 900_000 });

const server = useServer();

const first = (table: string, where = "true"): string =>
  `ctid = (SELECT ctid FROM ${table} WHERE ${where} LIMIT 1)`;

/** Money that is lost, or counted twice, in one ledger alone. */
const WRONGS: readonly (readonly [InstitutionName, string])[] = [
  ["central-bank", "UPDATE accounts SET balance = balance + 1 WHERE kind = 'circulation'"],
  ["central-bank", `UPDATE payments SET amount = amount + 1 WHERE ${first("payments")}`],
  ["central-bank", `DELETE FROM advices WHERE ${first("advices")}`],
  ["aurum", `DELETE FROM advices WHERE ${first("advices")}`],
  [
    "aurum",
    `UPDATE orders SET amount = amount + 1 WHERE ${first("orders", "provider IS NOT NULL")}`,
  ],
  ["boreal", `UPDATE claims SET amount = amount + 1 WHERE ${first("claims")}`],
  ["boreal", `DELETE FROM reports WHERE ${first("reports", "status = 'accepted'")}`],
];

describe("a central bank and two providers that are killed under load", () => {
  it("lose nothing, count nothing twice, and settle to the last unit", async () => {
    const databases = await makeDatabases(asSuperuser(server().url));
    const report = await runTiers({
      rounds: 2,
      seed: 1,
      databases,
      loadMs: 400,
      people: { payers: 1, merchants: 1 },
      victims: ["central-bank-and-aurum", "boreal"],
      atTheEnd: async (check) => {
        expect(await check()).toEqual([]);
        let known: readonly string[] = [];
        for (const [name, wrong] of WRONGS) {
          await withClient(databases[name], (client) => client.query(wrong));
          const problems = await check();
          const found = problems.filter((one) => !known.includes(one));
          expect({ wrong, found }).not.toEqual({ wrong, found: [] });
          known = problems;
        }
      },
    });
    expect(report.rounds.flatMap(({ violations }) => violations)).toEqual([]);
    expect(report.across).toBeGreaterThan(0);
    expect(report.acknowledged.count()).toBeGreaterThan(0);
  });
});
