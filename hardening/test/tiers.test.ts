import { join } from "node:path";
import { temporaryFolder, withClient } from "@bezant/service/testing";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { bundledPostgres, type SeparateServer } from "../src/durability/separate-server.ts";
import { asSuperuser, makeDatabases } from "../src/tiers/databases.ts";
import type { InstitutionName } from "../src/tiers/found.ts";
import { runTiers, type Options, type Report } from "../src/tiers/run.ts";

// Whole servers start and recover again and again: on a busy machine that takes its time.
vi.setConfig({ testTimeout: 900_000 });

let postgres: SeparateServer;
beforeAll(async () => {
  postgres = await bundledPostgres(join(temporaryFolder(), "db"));
});
afterAll(() => postgres.stop());

const run = async (options: Omit<Options, "databases" | "seed">): Promise<Report> =>
  runTiers({
    seed: 1,
    databases: await makeDatabases(asSuperuser(postgres.url)),
    postgres,
    loadMs: 400,
    people: { payers: 1, merchants: 1 },
    ...options,
  });
const violationsOf = ({ rounds }: Report): readonly string[] =>
  rounds.flatMap(({ violations }) => violations);

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
    const report = await run({
      rounds: 3,
      victims: ["central-bank-and-aurum", "boreal", "postgres"],
      atTheEnd: async (check, databases) => {
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
    expect(violationsOf(report)).toEqual([]);
    expect(report.across).toBeGreaterThan(0);
    expect(report.acknowledged.count()).toBeGreaterThan(0);
  });

  it("are found out where the central bank acknowledges before COMMIT", async () => {
    const module = new URL(
      "../src/durability/faults/acknowledge-before-commit.ts",
      import.meta.url,
    );
    const fault = { in: "central-bank", module } as const;
    const report = await run({ rounds: 10, restEvery: 10, victims: ["central-bank"], fault });
    expect(violationsOf(report).join("\n")).toContain("the central bank has forgotten");
  });
});
