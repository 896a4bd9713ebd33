import { decode as cborgDecode, encode as cborgEncode, rfc8949EncodeOptions } from "cborg";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decode, encode, fromHex, raw, unwrap } from "../../src/index.ts";
import { kitchenSink, kitchenSinks, type KitchenSink } from "./kitchen-sink.ts";
import { mutate, mutations } from "./mutations.ts";

// cborg, another implementation of RFC 8949 by other people, says what deterministic CBOR is.

const strict = {
  strict: true,
  allowIndefinite: false,
  allowUndefined: false,
  allowInfinity: false,
  allowNaN: false,
  useMaps: true,
  rejectDuplicateMapKeys: true,
} as const;

/** Everything that a raw item can be. */
const { item } = fc.letrec<{ item: unknown }>((tie) => ({
  item: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.nat({ max: 300 }),
    fc.bigInt({ min: -(2n ** 64n), max: 2n ** 64n - 1n }),
    fc.boolean(),
    fc.uint8Array({ maxLength: 30 }),
    fc.string({ unit: "grapheme", maxLength: 30 }),
    fc.array(tie("item"), { maxLength: 4 }),
    fc
      .uniqueArray(fc.tuple(fc.integer({ min: -70_000, max: 70_000 }), tie("item")), {
        maxLength: 4,
        selector: ([key]) => key,
      })
      .map((entries) => new Map(entries)),
  ),
}));

/** cborg sorts no map that has arrays or maps as its keys. */
function sortable(value: unknown): boolean {
  if (Array.isArray(value)) return value.every(sortable);
  if (!(value instanceof Map)) return true;
  return [...value].every(
    ([key, field]) => !Array.isArray(key) && !(key instanceof Map) && sortable(field),
  );
}

/** The kitchen sink as cborg wants it: plain maps by number, nothing of our schemas. */
function plain(value: KitchenSink): Map<number, unknown> {
  const inner = new Map<number, unknown>([[1, value.inner.a]]);
  if (value.inner.b !== undefined) inner.set(2, value.inner.b);
  const { outcome, answer } = value;
  const entries: [number, unknown][] = [
    [-70_000, value.more],
    [12, value.note],
    [11, answer.kind === "done" ? [0, answer.value] : [1, answer.value]],
    [
      10,
      outcome.is === "collected"
        ? new Map([
            [1, 0],
            [2, outcome.r],
          ])
        : new Map([[1, 1]]),
    ],
    [9, cborgDecode(value.item, strict)],
    [8, Number(value.year.slice(1))],
    [7, value.even],
    [6, cborgEncode(inner, rfc8949EncodeOptions)],
    [5, value.place],
    [3, value.name],
    [-65_537, fromHex(value.id)],
    [65_536, value.short],
    [257, value.signature],
    [256, value.flag],
    [-25, value.kind === "basic" ? 0 : 1],
    [-24, value.side],
    [-2, "bezant"],
    [-1, 1],
    [24, value.offset],
    [2, value.money],
    [1, value.wide],
    [0, value.small],
  ];
  return new Map(entries.filter(([, entry]) => entry !== undefined));
}

describe("beside cborg with its RFC 8949 options", () => {
  test("a message has the same bytes", () => {
    fc.assert(
      // cborg writes no tags of itself, so the one field that has them stays out of the comparison.
      fc.property(kitchenSinks, (sink) => {
        const value = { ...sink, tags: [] };
        const theirs = cborgEncode(plain(value).set(4, []), rfc8949EncodeOptions);
        expect(encode(kitchenSink, value)).toEqual(Uint8Array.from(theirs));
        expect(unwrap(decode(kitchenSink, theirs))).toEqual(value);
      }),
    );
  });

  test("every deterministic item is accepted", () => {
    fc.assert(
      fc.property(item, (value) => {
        const theirs = Uint8Array.from(cborgEncode(value, rfc8949EncodeOptions));
        expect(decode(raw(100_000, 100), theirs)).toEqual({ ok: true, value: theirs });
      }),
      { numRuns: 1000 },
    );
  });

  test("whatever is accepted is an item that it too reads, and writes with the same bytes", () => {
    const seen = { accepted: 0, refused: 0 };
    fc.assert(
      fc.property(item, mutations, (value, steps) => {
        const damaged = mutate(cborgEncode(value, rfc8949EncodeOptions), steps);
        const accepted = decode(raw(100_000, 100), damaged).ok;
        seen[accepted ? "accepted" : "refused"] += 1;
        if (!accepted) return;
        const read: unknown = cborgDecode(damaged, strict);
        if (!sortable(read)) return;
        const again = cborgEncode(read, rfc8949EncodeOptions);
        expect(Uint8Array.from(again)).toEqual(damaged);
      }),
      { numRuns: 5000 },
    );
    expect(seen.accepted).toBeGreaterThan(0);
    expect(seen.refused).toBeGreaterThan(0);
  });
});
