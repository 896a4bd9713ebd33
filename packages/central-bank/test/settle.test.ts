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

const positive = (standing: bigint): { circulation: bigint; loss: bigint } =>
  standing < 0n ? { circulation: 0n, loss: standing } : { circulation: standing, loss: 0n };

test("a window's entries are zero together, overdraw nobody, and lose nothing unnamed", () => {
  fc.assert(
    fc.property(windows, fc.bigInt({ min: -(2n ** 64n), max: 2n ** 64n }), (reports, standing) => {
      const own = positive(standing);
      const { positions, shortfall, entries } = settle(reports, own);
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
      const net = reports.reduce((sum, { outward, inward }) => sum + outward - inward, 0n);
      const after = {
        circulation: own.circulation + of("circulation", ""),
        loss: own.loss + of("loss", ""),
      };
      // There is a loss only while nothing is in circulation, and both together are what was reported.
      expect(after).toEqual(positive(standing + net));
      expect(of("loss", "")).toBe(-shortfall);
    }),
  );
});

test("the order in which windows bring reports makes no difference to what is lost in the end", () => {
  fc.assert(
    fc.property(windows, fc.infiniteStream(fc.nat()), (reports, order) => {
      const shuffled = reports
        .map((one) => [order.next().value ?? 0, one] as const)
        .toSorted(([a], [b]) => a - b)
        .map(([, one]) => one);
      const end = (windowsOf: readonly (typeof reports)[]): unknown =>
        windowsOf.reduce(
          (own, window) => {
            const { entries } = settle(window, own);
            const of = (kind: string): bigint =>
              entries
                .filter((entry) => entry.kind === kind && entry.holder === "")
                .reduce((sum, { amount }) => sum + amount, 0n);
            return {
              circulation: own.circulation + of("circulation"),
              loss: own.loss + of("loss"),
            };
          },
          { circulation: 0n, loss: 0n },
        );
      expect(end(shuffled.map((one) => [one]))).toEqual(end([reports]));
    }),
  );
});
