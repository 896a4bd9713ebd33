import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  array,
  bool,
  bstrOf,
  bytes,
  decode,
  decodeSequence,
  encode,
  hex,
  int,
  literal,
  map,
  maxSize,
  named,
  oneOf,
  optional,
  raw,
  refined,
  text,
  tuple,
  uint,
  uint64,
  unwrap,
  variants,
} from "../../src/index.ts";
import { kitchenSink, kitchenSinks } from "./kitchen-sink.ts";
import { mutate, mutations } from "./mutations.ts";

describe("encoding and decoding", () => {
  test("are inverse, within the largest size", () => {
    fc.assert(
      fc.property(kitchenSinks, (value) => {
        const encoded = encode(kitchenSink, value);
        expect(encoded.length).toBeLessThanOrEqual(maxSize(kitchenSink));
        expect(unwrap(decode(kitchenSink, encoded))).toEqual(value);
      }),
    );
  });

  test("accept nothing that they would not write: damaged bytes are refused or mean exactly themselves", () => {
    const seen = { accepted: 0, refused: 0 };
    fc.assert(
      fc.property(kitchenSinks, mutations, (value, steps) => {
        const damaged = mutate(encode(kitchenSink, value), steps);
        const decoded = decode(kitchenSink, damaged);
        if (decoded.ok) expect(encode(kitchenSink, decoded.value)).toEqual(damaged);
        seen[decoded.ok ? "accepted" : "refused"] += 1;
      }),
      { numRuns: 3000 },
    );
    expect(seen.accepted).toBeGreaterThan(0);
    expect(seen.refused).toBeGreaterThan(0);
  });

  test("never throw on any bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (input) => {
        const decoded = decode(raw(80), input);
        if (decoded.ok) expect(decoded.value).toEqual(input);
        expect(decode(kitchenSink, input).ok).toBe(false);
      }),
      { numRuns: 2000 },
    );
  });

  test("write every integer in its shortest form, at each boundary", () => {
    const sizes: readonly (readonly [bigint, number])[] = [
      [0n, 1],
      [23n, 1],
      [24n, 2],
      [255n, 2],
      [256n, 3],
      [65_535n, 3],
      [65_536n, 5],
      [2n ** 32n - 1n, 5],
      [2n ** 32n, 9],
      [2n ** 53n - 1n, 9],
      [2n ** 53n, 9],
      [2n ** 53n + 1n, 9],
      [2n ** 64n - 1n, 9],
    ];
    for (const [value, size] of sizes) {
      const encoded = encode(uint64(), value);
      expect(encoded).toHaveLength(size);
      expect(unwrap(decode(uint64(), encoded))).toBe(value);
      expect(maxSize(uint64(value))).toBe(size);
    }
  });

  test("write every character as UTF-8, at each boundary", () => {
    for (const point of [
      0, 0x7f, 0x80, 0x7ff, 0x800, 0xd7ff, 0xe000, 0xffff, 0x1_0000, 0x10_ffff,
    ]) {
      const character = String.fromCodePoint(point);
      const encoded = encode(text(4), character);
      expect(Buffer.from(encoded.subarray(1))).toEqual(Buffer.from(character));
      expect(unwrap(decode(text(4), encoded))).toBe(character);
    }
  });

  test.each([4, 64, 65, 300])("keep %i decoded bytes apart from the input", (length) => {
    const input = encode(bytes(0, 300), new Uint8Array(length).fill(7));
    const value = unwrap(decode(bytes(0, 300), input));
    input.fill(0);
    expect(value).toEqual(new Uint8Array(length).fill(7));
  });

  test.each([4, 65])("read a view into a larger buffer, as Node's are: %i bytes", (length) => {
    const encoded = encode(bytes(0, 300), new Uint8Array(length).fill(7));
    const pool = Buffer.alloc(400, 0xff);
    pool.set(encoded, 9);
    const value = unwrap(decode(bytes(0, 300), pool.subarray(9, 9 + encoded.length)));
    pool.fill(0);
    expect(value).toEqual(new Uint8Array(length).fill(7));
    expect(value.constructor).toBe(Uint8Array);
  });

  test("can be nested: a schema may encode while it writes", () => {
    const inner = tuple(uint(), uint());
    const outer = tuple(bytes(0, 20), bytes(0, 20));
    const nested = {
      ...outer,
      write: (writer: Parameters<typeof outer.write>[0]) => {
        outer.write(writer, [encode(inner, [1, 2]), encode(inner, [3, 4])]);
      },
    };
    expect(encode(nested, [new Uint8Array(), new Uint8Array()])).toEqual(
      Uint8Array.from(Buffer.from("824382010243820304", "hex")),
    );
  });

  test("take integers whose bounds are both negative", () => {
    const below = int(-300, -10);
    expect([...encode(below, -300)]).toEqual([0x39, 0x01, 0x2b]);
    expect(unwrap(decode(below, encode(below, -10)))).toBe(-10);
    expect(() => encode(below, -9)).toThrow(TypeError);
    expect(decode(below, Uint8Array.of(0x28)).ok).toBe(false);
    expect(decode(below, Uint8Array.of(0x39, 0x01, 0x2c)).ok).toBe(false);
    expect(maxSize(below)).toBe(3);
  });

  test("take a closed list of integers, none of them negative", () => {
    const listed = oneOf(2, 700);
    expect(unwrap(decode(listed, encode(listed, 700)))).toBe(700);
    expect(decode(listed, encode(uint(), 3))).toMatchObject({ error: { code: "out-of-range" } });
    expect(maxSize(listed)).toBe(3);
    expect([-24, -25].map((one) => maxSize(oneOf(one)))).toEqual([1, 2]);
  });

  test("go on after a value was refused as a bug", () => {
    expect(() => encode(tuple(uint(), uint(1)), [1, 2])).toThrow(TypeError);
    expect(encode(uint(), 5)).toEqual(Uint8Array.of(5));
  });

  test("split a sequence of items where they were joined", () => {
    fc.assert(
      fc.property(fc.array(kitchenSinks, { maxLength: 4 }), (values) => {
        const items = values.map((value) => encode(kitchenSink, value));
        const joined = Uint8Array.from(items.flatMap((item) => [...item]));
        // Tags have no place in a sequence of ours, and the kitchen sink has one: it goes in as a byte string.
        const wrapped = items.map((item) => encode(bytes(0, 2000), item));
        const sequence = Uint8Array.from(wrapped.flatMap((item) => [...item]));
        expect(unwrap(decodeSequence(sequence, { maxItems: 4, maxItemSize: 2000 }))).toEqual(
          wrapped,
        );
        if (values.some(({ tags }) => tags.length > 0)) {
          expect(decodeSequence(joined, { maxItems: 4, maxItemSize: 2000 }).ok).toBe(false);
        }
      }),
    );
  });
});

describe("a value outside its schema is a bug and throws:", () => {
  const pair = map({ one: [1, uint()], two: [2, optional(uint())] });
  const kinds = variants("kind", 1, { a: [0, { r: [2, uint()] }], b: [1, {}] });
  const cases: readonly (readonly [string, () => unknown])[] = [
    ["a fraction", () => encode(uint(), 1.5)],
    ["a negative number", () => encode(uint(), -1)],
    ["NaN", () => encode(uint(), Number.NaN)],
    ["more than its bound", () => encode(uint(10), 11)],
    ["less than its bound", () => encode(uint(10, 5), 4)],
    ["2^64", () => encode(uint64(), 2n ** 64n)],
    ["a negative bigint", () => encode(uint64(), -1n)],
    // @ts-expect-error a number is no bigint
    ["a number for a bigint", () => encode(uint64(), 1)],
    // @ts-expect-error a bigint is no number
    ["a bigint for a number", () => encode(uint(), 1n)],
    ["below a signed bound", () => encode(int(-5, 5), -6)],
    // @ts-expect-error not the literal
    ["another literal", () => encode(literal("a"), "b")],
    // @ts-expect-error not in the list
    ["outside a closed list", () => encode(oneOf(1, 2), 3)],
    // @ts-expect-error not a name
    ["an unknown name", () => encode(named({ a: 1 }), "toString")],
    // @ts-expect-error a truthy value is no boolean
    ["not a boolean", () => encode(bool(), 1)],
    ["too few bytes", () => encode(bytes(2), new Uint8Array(1))],
    ["too many bytes", () => encode(bytes(0, 2), new Uint8Array(3))],
    // @ts-expect-error an array of numbers is no byte string
    ["an array for bytes", () => encode(bytes(2), [1, 2])],
    ["hex of another length", () => encode(hex(2), "0a")],
    ["hex in capitals", () => encode(hex(2), "0AFF")],
    ["too long a text, counted in bytes", () => encode(text(3), "\u00fc\u00fc")],
    ["a text against its pattern", () => encode(text(3, /^a*$/), "b")],
    ["a lone high surrogate", () => encode(text(9), "a\ud800")],
    ["a lone high surrogate before a character", () => encode(text(9), "\ud800a")],
    ["a lone low surrogate", () => encode(text(9), "\udc00\ud800")],
    ["too many items", () => encode(array(uint(), { max: 1 }), [1, 2])],
    ["too few items", () => encode(array(uint(), { min: 1, max: 2 }), [])],
    // @ts-expect-error too short a tuple
    ["a tuple of another length", () => encode(tuple(uint(), uint()), [1])],
    // @ts-expect-error `one` is missing
    ["a missing field", () => encode(pair, { two: 2 })],
    // @ts-expect-error an absent field has no value, not even undefined
    ["null for an absent field", () => encode(pair, { one: 1, two: null })],
    // @ts-expect-error no such case
    ["an unknown variant", () => encode(kinds, { kind: "c" })],
    // @ts-expect-error a field of another case is missing
    ["a variant without its field", () => encode(kinds, { kind: "a" })],
    [
      "a value against a rule",
      () =>
        encode(
          refined(uint(), (n) => n > 1),
          1,
        ),
    ],
    ["a raw item that is not deterministic", () => encode(raw(9), Uint8Array.of(0x18, 1))],
    ["two raw items", () => encode(raw(9), Uint8Array.of(1, 1))],
    ["no raw item", () => encode(raw(9), new Uint8Array())],
    ["too large a raw item", () => encode(raw(1), Uint8Array.of(0x18, 99))],
    ["too deep an inner item", () => encode(bstrOf(raw(9, 1)), Uint8Array.of(0x81, 0x80))],
  ];

  test.each(cases)("%s", (_, attempt) => {
    expect(attempt).toThrow();
  });

  test("and so is a schema that contradicts itself", () => {
    expect(() => uint(1, 2)).toThrow(TypeError);
    expect(() => uint(2 ** 32)).toThrow(TypeError);
    expect(() => uint64(2n ** 64n)).toThrow(TypeError);
    expect(() => int(0, 5)).toThrow(TypeError);
    expect(() => int(-1, 2 ** 32)).toThrow(TypeError);
    expect(() => int(-(2 ** 32) - 1, 5)).toThrow(TypeError);
    expect(() => int(-1, -2)).toThrow(TypeError);
    expect(() => bytes(3, 2)).toThrow(TypeError);
    expect(() => text(9, /a/g)).toThrow(TypeError);
    expect(() => named({ a: 1, b: 1 })).toThrow(TypeError);
    expect(() => array(uint(), { min: 3, max: 2 })).toThrow(TypeError);
    expect(() => map({ a: [1, uint()], b: [1, uint()] })).toThrow(TypeError);
    expect(() => map({ a: [1.5, uint()] })).toThrow(TypeError);
    expect(() => variants("kind", 2, { a: [0, { r: [1, uint()] }] })).toThrow(TypeError);
    expect(() => variants("kind", 1, { a: [0, { kind: [2, uint()] }] })).toThrow(TypeError);
    expect(() => variants("kind", 1, { a: [0, {}], b: [0, {}] })).toThrow(TypeError);
  });
});

test("maps are written in the bytewise order of their keys, however they were defined", () => {
  const schema = map({
    e: [-257, uint()],
    c: [256, uint()],
    d: [-1, uint()],
    b: [24, uint()],
    a: [10, uint()],
  });
  expect(Buffer.from(encode(schema, { a: 1, b: 2, c: 3, d: 4, e: 5 })).toString("hex")).toBe(
    "a5" + "0a01" + "181802" + "19010003" + "2004" + "39010005",
  );
});
