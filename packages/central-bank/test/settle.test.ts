import { institutionId } from "@bezant/protocol";
import fc from "fast-check";
import { expect, test } from "vitest";
import { settle } from "../src/ledger/index.ts";

const money = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
const windows = fc.uniqueArray(
  fc.record({
    provider: fc.stringMatching(/^[a-z0-9-]{1,8}$/).map(institutionId),
    report: fc.bigInt({ min: 1n, max: 9n }),
    outward: money,
    inward: money,
    reserves: money,
    prefund: money,
  }),
  { selector: ({ provider }) => provider, maxLength: 6 },
);

test("a window's entries are zero together, overdraw nobody, and lose nothing unnamed", () => {
  fc.assert(
    fc.property(windows, money, (reports, circulation) => {
      const { positions, shortfall, entries } = settle(reports, circulation);
      expect(entries.reduce((sum, { amount }) => sum + amount, 0n)).toBe(0n);
      const of = (kind: string, holder: string): bigint =>
        entries
          .filter((entry) => entry.kind === kind && entry.holder === holder)
          .reduce((sum, { amount }) => sum + amount, 0n);
      for (const [index, one] of reports.entries()) {
        const position = positions[index]!;
        const { provider } = one;
        expect(one.prefund + of("prefund", provider)).toBe(position.prefund);
        expect(one.reserves + of("reserves", provider)).toBe(position.reserves);
        expect(position.prefund).toBeGreaterThanOrEqual(0n);
        // Covered and uncovered are all of it, and something is uncovered only where prefunding is used up.
        expect(-of("prefund", provider) - of("loss", provider)).toBe(one.outward);
        expect(position.uncovered === 0n || position.prefund === 0n).toBe(true);
        expect(of("reserves", provider)).toBe(one.inward);
      }
      const left = circulation + of("circulation", "");
      expect(left).toBeGreaterThanOrEqual(0n);
      expect(shortfall === 0n || left === 0n).toBe(true);
      expect(of("loss", "")).toBe(-shortfall);
    }),
  );
});
