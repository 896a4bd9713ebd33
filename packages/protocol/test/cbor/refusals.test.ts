import { describe, expect, test } from "vitest";
import {
  array,
  bool,
  bstrOf,
  bytes,
  choice,
  CODEC_ERROR_CODES,
  decode,
  decodeSequence,
  fromHex,
  hex,
  int,
  literal,
  map,
  named,
  oneOf,
  optional,
  raw,
  refined,
  tagged,
  text,
  tuple,
  uint,
  uint64,
  variants,
  type AnySchema,
  type CodecErrorCode,
} from "../../src/index.ts";

const pair = map({ one: [1, uint()], two: [2, uint()] });
const loose = map({
  one: [1, optional(uint())],
  two: [2, optional(uint())],
  wide: [-70_000, optional(uint())],
});
const outcome = variants("kind", 1, { collected: [0, { r: [2, uint()] }], void: [1, {}] });
const answer = choice({ done: [0, bytes(1)], refused: [1, text(4)] });

type Row = readonly [
  code: CodecErrorCode,
  offset: number,
  what: string,
  schema: AnySchema,
  hex: string,
];
const rows: readonly Row[] = [
  ["truncated", 0, "nothing at all", uint(), ""],
  ["truncated", 2, "the middle of an integer", uint(), "1901"],
  ["truncated", 8, "the middle of a long integer", uint64(), "1b01020304050607"],
  ["truncated", 3, "a byte string shorter than it says", bytes(0, 9), "430102"],
  ["truncated", 3, "a text shorter than it says", text(9), "636161"],
  ["truncated", 2, "an array shorter than it says", array(uint(), { max: 4 }), "8201"],
  ["truncated", 3, "a map shorter than it says", loose, "a20101"],
  ["truncated", 3, "the middle of a key", loose, "a13a00"],
  ["truncated", 2, "an inner item that runs into its byte string's end", bstrOf(uint()), "411801"],
  ["trailing-bytes", 1, "two items", uint(), "0102"],
  ["trailing-bytes", 2, "two items in a byte string", bstrOf(uint()), "420102"],
  [
    "trailing-bytes",
    3,
    "an item that slips out of its byte string",
    tuple(bstrOf(uint()), uint()),
    "82420102",
  ],
  ["too-large", 5, "more bytes than any value takes", uint(), "000000000000"],
  ["too-large", 1, "a raw item over its bound", tuple(raw(2), raw(9)), "82430102030102"],
  ["not-shortest", 0, "23 in two bytes", uint(), "1817"],
  ["not-shortest", 0, "255 in three bytes", uint(), "1900ff"],
  ["not-shortest", 0, "65535 in five bytes", uint(), "1a0000ffff"],
  ["not-shortest", 0, "2^32-1 in nine bytes", uint64(), "1b00000000ffffffff"],
  [
    "not-shortest",
    0,
    "1 in nine bytes where no more than 32 bits are wanted",
    refined(uint64(), (n) => n < 9n),
    "1b0000000000000001",
  ],
  ["not-shortest", 0, "-1 in two bytes", int(-30, 5), "3800"],
  ["not-shortest", 0, "a byte string's length", bytes(0, 30), "580101"],
  ["not-shortest", 0, "a text's length", text(30), "780161"],
  ["not-shortest", 0, "an array's length", array(uint(), { max: 30 }), "980101"],
  ["not-shortest", 0, "a map's length", loose, "b8010101"],
  ["not-shortest", 1, "a key", loose, "a1180101"],
  ["not-shortest", 1, "a negative key", loose, "a13b000000000001116f01"],
  ["not-shortest", 0, "a tag", tagged(1, uint()), "d80100"],
  ["indefinite-length", 0, "a byte string", bytes(0, 9), "5f4101ff"],
  ["indefinite-length", 0, "a text", text(9), "7f6161ff"],
  ["indefinite-length", 0, "an array", array(uint(), { max: 4 }), "9f01ff"],
  ["indefinite-length", 0, "a map", loose, "bf0101ff"],
  ["indefinite-length", 0, "an integer", uint(), "1f"],
  ["reserved-head", 0, "additional information 28", uint(), "1c"],
  ["reserved-head", 0, "additional information 30", bytes(0, 9), "5e"],
  ["unexpected-type", 0, "a negative number for an unsigned one", uint(), "20"],
  ["unexpected-type", 0, "text for bytes", bytes(0, 9), "6161"],
  ["unexpected-type", 0, "an array for a map", loose, "80"],
  ["unexpected-type", 0, "a float for an integer", uint(), "f90000"],
  ["unexpected-type", 0, "null for a map", loose, "f6"],
  ["unexpected-type", 2, "undefined for a value", loose, "a101f7"],
  ["unexpected-type", 0, "an integer for a boolean", bool(), "01"],
  ["unexpected-type", 0, "a tag that nobody asked for", uint(), "c101"],
  ["unexpected-type", 0, "another tag", tagged(1, uint()), "c201"],
  ["unexpected-type", 1, "a text key", loose, "a1616101"],
  ["unexpected-type", 0, "a float in a raw item", raw(9), "f93c00"],
  ["out-of-range", 0, "above its bound", uint(10), "0b"],
  ["out-of-range", 0, "below its bound", uint(10, 5), "04"],
  ["out-of-range", 1, "64 bits for 32", tuple(uint(), uint()), "82" + "1b0000000100000000" + "00"],
  ["out-of-range", 0, "a bigint above its bound", uint64(10n), "0b"],
  ["out-of-range", 0, "a bigint below its bound", uint64(10n, 1n), "00"],
  ["out-of-range", 0, "an integer below its bound", int(-2, 2), "22"],
  ["out-of-range", 0, "another literal", literal(7), "06"],
  ["out-of-range", 0, "another literal text", literal("ab"), "626163"],
  ["out-of-range", 0, "not in a closed list", oneOf(1, 2), "03"],
  ["out-of-range", 0, "a number without a name", named({ a: 0, b: 2 }), "01"],
  ["out-of-range", 2, "no such variant", outcome, "a10102"],
  ["out-of-range", 1, "no such choice", answer, "820260"],
  ["bad-length", 0, "too few bytes", bytes(2, 3), "4101"],
  ["bad-length", 1, "too many bytes", tuple(bytes(1, 2), bytes(9)), "82" + "43010203" + "00"],
  ["bad-length", 0, "hex of another length", hex(2), "4101"],
  ["bad-length", 1, "too long a text", tuple(text(1), text(9)), "82" + "626161" + "60"],
  ["bad-length", 0, "too few items", array(uint(), { min: 1, max: 2 }), "80"],
  ["bad-length", 0, "too many items", array(uint(), { max: 2 }), "83010203"],
  ["bad-length", 0, "a tuple of another length", tuple(uint(), uint()), "8101"],
  ["bad-length", 0, "a length of 64 bits", bytes(0, 9), "5b0000000100000000"],
  ["bad-utf8", 0, "a stray continuation byte", text(9), "6180"],
  ["bad-utf8", 0, "a sequence cut short", text(9), "61c3"],
  ["bad-utf8", 0, "an overlong form of two bytes", text(9), "62c080"],
  ["bad-utf8", 0, "an overlong form of three bytes", text(9), "63e08080"],
  ["bad-utf8", 0, "an overlong form of four bytes", text(9), "64f0808080"],
  ["bad-utf8", 0, "the last overlong form of two bytes", text(9), "62c1bf"],
  ["bad-utf8", 0, "the last overlong form of three bytes", text(9), "63e09fbf"],
  ["bad-utf8", 0, "the last overlong form of four bytes", text(9), "64f08fbfbf"],
  ["bad-utf8", 0, "a surrogate", text(9), "63eda080"],
  ["bad-utf8", 0, "the last surrogate", text(9), "63edbfbf"],
  ["bad-utf8", 0, "beyond U+10FFFF", text(9), "64f4908080"],
  ["bad-utf8", 0, "a lead byte that does not exist", text(9), "64f8808080"],
  ["bad-utf8", 0, "a wrong second byte", text(9), "62c341"],
  ["bad-utf8", 0, "a raw text", raw(9), "6180"],
  ["bad-text", 0, "a text against its pattern", text(9, /^[a-z]+$/), "6141"],
  ["bad-text", 0, "an empty text against its pattern", text(9, /^[a-z]+$/), "60"],
  ["unknown-key", 1, "a key that the schema does not have", pair, "a10300"],
  ["unknown-key", 5, "one more key than the schema has", pair, "a3010102020300"],
  ["unknown-key", 1, "a negative key", pair, "a12000"],
  ["missing-key", 0, "no keys", pair, "a0"],
  ["missing-key", 0, "the first of two", pair, "a10200"],
  ["missing-key", 0, "the last of two", pair, "a10100"],
  ["missing-key", 0, "the key that tells variants apart", outcome, "a10200"],
  ["missing-key", 0, "an empty map for variants", outcome, "a0"],
  ["duplicate-key", 3, "the same key twice", pair, "a201010101"],
  ["duplicate-key", 3, "the same optional key twice", loose, "a202010201"],
  ["duplicate-key", 3, "in a raw item", raw(9), "a201010101"],
  ["unsorted-keys", 3, "keys in falling order", pair, "a202010101"],
  ["unsorted-keys", 7, "a positive key behind a negative one", loose, "a23a0001116f010101"],
  ["unsorted-keys", 5, "a key that came two keys before", loose, "a3010102010101"],
  ["unsorted-keys", 3, "in a raw item", raw(9), "a220010101"],
  ["too-deep", 2, "a raw item of three levels", raw(9, 2), "818180"],
  [
    "invalid-value",
    0,
    "refused by a rule",
    refined(pair, ({ one, two }) => one < two),
    "a201020201",
  ],
];

describe("bytes are refused, with the place:", () => {
  test.each(rows)("%s at %i: %s", (code, offset, _, schema, input) => {
    expect(decode(schema, fromHex(input))).toEqual({ ok: false, error: { code, offset } });
  });

  test("every code has its case here, but the one that only sequences have", () => {
    const covered = new Set([...rows.map(([code]) => code), "too-many-items"]);
    expect([...covered].toSorted()).toEqual([...CODEC_ERROR_CODES].toSorted());
  });
});

describe("a sequence (RFC 8742)", () => {
  const bounds = { maxItems: 3, maxItemSize: 4 };
  const split = (input: string): unknown => decodeSequence(fromHex(input), bounds);

  test("is split into its items", () => {
    expect(split("")).toEqual({ ok: true, value: [] });
    expect(split("01820203f5")).toEqual({
      ok: true,
      value: [fromHex("01"), fromHex("820203"), fromHex("f5")],
    });
  });

  test.each([
    ["too-many-items", 3, "01020304"],
    ["too-large", 12, "01".repeat(13)],
    ["too-large", 1, "01" + "4401020304"],
    ["truncated", 3, "018202"],
    ["not-shortest", 1, "011817"],
    ["unexpected-type", 1, "01ff"],
  ])("%s at %i: %s", (code, offset, input) => {
    expect(split(input)).toEqual({ ok: false, error: { code, offset } });
  });

  test("is refused where an item is nested too deep", () => {
    expect(decodeSequence(fromHex("818180"), { maxItems: 1, maxItemSize: 9, depth: 2 })).toEqual({
      ok: false,
      error: { code: "too-deep", offset: 2 },
    });
  });
});
