import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  MAX_REVOKED,
  MAX_STATUS_INDEX,
  seconds,
  standingOf,
  statusChunk,
  statusChunks,
  unwrap,
  type StatusChunk,
} from "../../src/index.ts";
import { byBankA } from "../../scripts/vectors/examples.ts";

const issuedAt = seconds(1_800_000_000);
const indices = fc.uniqueArray(
  fc.oneof(fc.integer({ min: 0, max: MAX_STATUS_INDEX }), fc.integer({ min: 0, max: 300 })),
  { maxLength: 600 },
);

describe("a status list", () => {
  test("covers every index exactly once, and names exactly the revoked ones", () => {
    fc.assert(
      fc.property(indices, fc.integer({ min: 1, max: MAX_REVOKED }), (revoked, perChunk) => {
        const chunks = statusChunks(revoked, { epoch: 3, issuedAt, perChunk });
        expect(chunks[0]?.first).toBe(0);
        expect(chunks.at(-1)?.last).toBe(MAX_STATUS_INDEX);
        for (const [i, chunk] of chunks.entries()) {
          if (i > 0) expect(chunk.first).toBe((chunks[i - 1] as StatusChunk).last + 1);
          expect(chunk.revoked.length).toBeLessThanOrEqual(perChunk);
          expect(chunk.revoked.every((one) => chunk.first <= one && one <= chunk.last)).toBe(true);
        }
        const sorted = revoked.toSorted((a, b) => a - b);
        expect(chunks.flatMap((chunk) => chunk.revoked)).toEqual(sorted);
      }),
      { numRuns: 60 },
    );
  });

  test("says the same after it was signed and read", () => {
    fc.assert(
      fc.property(indices, (revoked) => {
        for (const chunk of statusChunks(revoked, { epoch: 1, issuedAt })) {
          const bytes = statusChunk.sign(chunk, byBankA.context, byBankA.signer);
          expect(bytes.length).toBeLessThanOrEqual(1100);
          expect(unwrap(statusChunk.parse(bytes)).payload).toEqual(chunk);
        }
      }),
      { numRuns: 20 },
    );
  });

  test("that is old is still right about whom it names, and about nobody else", () => {
    const [chunk] = statusChunks([5], { epoch: 1, issuedAt });
    expect(standingOf(5, chunk, () => false)).toBe("revoked");
    expect(standingOf(6, chunk, () => false)).toBe("unknown");
    expect(standingOf(6, chunk, () => true)).toBe("good");
  });
});
