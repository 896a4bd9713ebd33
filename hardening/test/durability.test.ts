import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import { separate } from "../src/durability/databases.ts";
import { runDurability, type Options } from "../src/durability/run.ts";
import { bundledPostgres } from "../src/durability/separate-server.ts";

// Whole servers start and recover again and again: on a busy machine that takes its time.
vi.setConfig({ testTimeout: 900_000 });

const short = {
  seed: 1,
  loadMs: 500,
  people: { payers: 1, merchants: 1 },
} satisfies Partial<Options>;
const withUrl = async (folder: string) => separate(await bundledPostgres(join(folder, "db")));

function violationsOf({ rounds }: Awaited<ReturnType<typeof runDurability>>): readonly string[] {
  return rounds.flatMap(({ violations }) => violations);
}

describe("servers that are killed under load", () => {
  it("lose nothing that was acknowledged, and count nothing twice, with the PostgreSQL that the provider brings", async () => {
    const victims = ["both", "postmaster"] as const;
    const report = await runDurability({ ...short, rounds: 2, victims });
    expect(violationsOf(report)).toEqual([]);
    expect(report.acknowledged.count()).toBeGreaterThan(0);
  });

  it("lose nothing that was acknowledged, and count nothing twice, with a PostgreSQL behind DATABASE_URL", async () => {
    const victims = ["postgres", "backend"] as const;
    const report = await runDurability({ ...short, rounds: 2, victims, database: withUrl });
    expect(violationsOf(report)).toEqual([]);
    expect(report.acknowledged.count()).toBeGreaterThan(0);
  });

  it("are found out where they acknowledge before COMMIT", async () => {
    const fault = new URL("../src/durability/faults/acknowledge-before-commit.ts", import.meta.url);
    const victims = ["provider"] as const;
    const report = await runDurability({ ...short, rounds: 10, victims, fault, database: withUrl });
    // Mostly what was acknowledged is gone; or another operation has its number by now. Without the fault there is nothing, as above.
    expect(violationsOf(report)).not.toEqual([]);
  });
});
