import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { applyChange, changeBetween, noChange } from "../src/storage/change.ts";

const ROOM = 450;
const sizeOf = (before: Uint8Array, after: Uint8Array, limit = ROOM): number | undefined =>
  changeBetween(before, after, limit)?.length;
const content = fc.uint8Array({ maxLength: 3000, size: "max" });

/** A content and another that came of it: bytes written over, put in, taken out, at any place. */
const edited = fc
  .tuple(
    content,
    fc.array(
      fc.record({
        at: fc.nat(3000),
        out: fc.oneof(fc.constant(0), fc.nat(300)),
        put: fc.uint8Array({ maxLength: 60 }),
      }),
      { maxLength: 6 },
    ),
  )
  .map(([before, edits]) => {
    const after = edits.reduce<number[]>(
      (bytes, { at, out, put }) => bytes.toSpliced(at % (bytes.length + 1), out, ...put),
      [...before],
    );
    return { before, after: Uint8Array.from(after) };
  });

describe("a change", () => {
  it("makes the one content of the other, whatever they are", () => {
    fc.assert(
      fc.property(fc.oneof(edited, fc.record({ before: content, after: content })), (pair) => {
        const { before, after } = pair;
        const change = changeBetween(before, after, 2 * 3000);
        if (change === undefined) throw new Error("there was room for all of it");
        expect(applyChange(before, change)).toEqual(after);
      }),
      { numRuns: 300 },
    );
  });

  it("takes no more room than there is, or is none", () => {
    fc.assert(
      fc.property(edited, fc.integer({ min: 2, max: 600 }), ({ before, after }, limit) => {
        const whole = changeBetween(before, after, 2 * 3000)?.length ?? Infinity;
        expect(sizeOf(before, after, limit)).toBe(whole <= limit ? whole : undefined);
      }),
    );
  });

  it("to the same content is the length of it", () => {
    fc.assert(
      fc.property(content, (same) => {
        expect(changeBetween(same, same, ROOM)).toEqual(noChange(same));
        expect(applyChange(same, noChange(same))).toEqual(same);
      }),
    );
  });

  it("says each byte that is new once, and of one that has moved only where it was", () => {
    const before = Uint8Array.from({ length: 2000 }, (_, i) => (i * 7919) >> 3);
    const counted = before.slice();
    counted.set([1, 2, 3], 100);
    expect(sizeOf(before, counted)).toBe(2 + 3 + 3);
    // Two that are near one another cost less as one.
    counted.set([4], 106);
    expect(sizeOf(before, counted)).toBe(2 + 3 + 7);
    const shifted = Uint8Array.of(...before.subarray(0, 500), ...before.subarray(552), 9, 9, 9);
    expect(sizeOf(before, shifted)).toBe(2 + 7 + 3 + 3);
    expect(applyChange(before, changeBetween(before, shifted, ROOM) ?? shifted)).toEqual(shifted);
    expect(sizeOf(before, before.subarray(0, 700))).toBe(2);
    expect(sizeOf(before, counted, 12)).toBe(12);
    expect(sizeOf(before, counted, 11)).toBeUndefined();
  });
});
