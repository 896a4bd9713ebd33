import { describe, expect, test } from "vitest";
import {
  array,
  bool,
  bytes,
  decode,
  encode,
  fromHex,
  int,
  map,
  raw,
  tagged,
  text,
  toHex,
  tuple,
  uint,
  uint64,
  type AnySchema,
} from "../../src/index.ts";

/** RFC 8949 Appendix A: the examples whose types this codec has, under a schema that describes each. */
const examples: readonly (readonly [hex: string, schema: AnySchema, value: unknown])[] = [
  ["00", uint(), 0],
  ["01", uint(), 1],
  ["0a", uint(), 10],
  ["17", uint(), 23],
  ["1818", uint(), 24],
  ["1819", uint(), 25],
  ["1864", uint(), 100],
  ["1903e8", uint(), 1000],
  ["1a000f4240", uint(), 1_000_000],
  ["00", uint64(), 0n],
  ["1a000f4240", uint64(), 1_000_000n],
  ["1b000000e8d4a51000", uint64(), 1_000_000_000_000n],
  ["1bffffffffffffffff", uint64(), 18_446_744_073_709_551_615n],
  ["20", int(-1000, 0), -1],
  ["29", int(-1000, 0), -10],
  ["3863", int(-1000, 0), -100],
  ["3903e7", int(-1000, 0), -1000],
  ["f4", bool(), false],
  ["f5", bool(), true],
  ["c11a514b67b0", tagged(1, uint()), 1_363_896_240],
  ["d74401020304", tagged(23, bytes(4)), fromHex("01020304")],
  [
    "d82076687474703a2f2f7777772e6578616d706c652e636f6d",
    tagged(32, text(30)),
    "http://www.example.com",
  ],
  ["40", bytes(0, 4), new Uint8Array()],
  ["4401020304", bytes(0, 4), fromHex("01020304")],
  ["60", text(4), ""],
  ["6161", text(4), "a"],
  ["6449455446", text(4), "IETF"],
  ["62225c", text(4), '"\\'],
  ["62c3bc", text(4), "\u00fc"],
  ["63e6b0b4", text(4), "\u6c34"],
  ["64f0908591", text(4), "\u{10151}"],
  ["80", array(uint(), { max: 3 }), []],
  ["83010203", array(uint(), { max: 3 }), [1, 2, 3]],
  [
    "8301820203820405",
    tuple(uint(), tuple(uint(), uint()), tuple(uint(), uint())),
    [1, [2, 3], [4, 5]],
  ],
  [
    "98190102030405060708090a0b0c0d0e0f101112131415161718181819",
    array(uint(), { max: 25 }),
    Array.from({ length: 25 }, (_, i) => i + 1),
  ],
  ["a0", map({}), {}],
  ["a201020304", map({ one: [1, uint()], three: [3, uint()] }), { one: 2, three: 4 }],
];

describe("RFC 8949 Appendix A", () => {
  test.each(examples)("%s", (hex, schema, value) => {
    expect(decode(schema, fromHex(hex))).toEqual({ ok: true, value });
    expect(toHex(encode(schema, value))).toBe(hex);
    expect(fromHex(hex).length).toBeLessThanOrEqual(schema.maxSize);
  });

  // Maps with text keys have no schema here, but may stand inside a raw item.
  test.each([
    "a26161016162820203",
    "826161a161626163",
    "a56161614161626142616361436164614461656145",
    "3bffffffffffffffff",
  ])("%s as a raw item", (hex) => {
    expect(decode(raw(100), fromHex(hex))).toEqual({ ok: true, value: fromHex(hex) });
    expect(toHex(encode(raw(100), fromHex(hex)))).toBe(hex);
  });
});

/** Well-formed CBOR that no deterministic message of ours can hold: RFC 8949 Appendix A again. */
const foreign: Readonly<Record<string, readonly string[]>> = {
  floats: [
    "f90000",
    "f93c00",
    "fb3ff199999999999a",
    "f97c00",
    "f97e00",
    "fa7f800000",
    "fbfff0000000000000",
  ],
  "null, undefined and simple values": ["f6", "f7", "f0", "f8ff"],
  tags: [
    "c249010000000000000000",
    "c074323031332d30332d32315432303a30343a30305a",
    "d818456449455446",
  ],
};
const indefinite = [
  "5f42010243030405ff",
  "7f657374726561646d696e67ff",
  "9fff",
  "9f018202039f0405ffff",
  "83018202039f0405ff",
  "83019f0203ff820405",
  "bf61610161629f0203ffff",
  "826161bf61626163ff",
];

describe("well-formed CBOR outside the deterministic profile", () => {
  for (const [what, list] of Object.entries(foreign)) {
    test.each(list)(`${what}: %s`, (hex) => {
      expect(decode(raw(100), fromHex(hex))).toEqual({
        ok: false,
        error: { code: "unexpected-type", offset: 0 },
      });
    });
  }

  test.each(indefinite)("indefinite lengths: %s", (hex) => {
    expect(decode(raw(100), fromHex(hex))).toMatchObject({
      ok: false,
      error: { code: "indefinite-length" },
    });
  });
});

/** RFC 8949 Appendix F.1: byte strings that are not well-formed. */
const malformed: Readonly<Record<string, string>> = {
  "end of input in a head":
    "18 19 1a 1b 1901 1a0102 1b01020304050607 38 58 78 98 9a01ff00 b8 d8 f8 f900 fa0000 fb000000",
  "strings with short data":
    "41 61 5affffffff00 5bffffffffffffffff010203 7affffffff00 7b7fffffffffffffff010203",
  "maps and arrays not closed": "81 818181818181818181 8200 a1 a20102 a100 a2000000",
  "tag without content": "c0",
  "indefinite strings not closed": "5f4100 7f6100",
  "indefinite maps and arrays not closed":
    "9f 9f0102 bf bf01020102 819f 9f8000 9f9f9f9f9fffffffff 9f819f819f9fffffff",
  "reserved additional information":
    "1c 1d 1e 3c 3d 3e 5c 5d 5e 7c 7d 7e 9c 9d 9e bc bd be dc dd de fc fd fe",
  "reserved two-byte simple values": "f800 f801 f818 f81f",
  "chunks of the wrong type": "5f00ff 5f21ff 5f6100ff 5f80ff 5fa0ff 5fc000ff 5fe0ff 7f4100ff",
  "nested indefinite strings": "5f5f4100ffff 7f7f6100ffff",
  "break on its own": "ff",
  "break in a definite container":
    "81ff 8200ff a1ff a1ff00 a100ff a20000ff 9f81ff 9f829f819f9fffffffff",
  "break in the middle of a map entry": "bf00ff bf000000ff",
  "major types 0, 1 and 6 of indefinite length": "1f 3f df",
};

describe("RFC 8949 Appendix F: not well-formed", () => {
  for (const [what, list] of Object.entries(malformed)) {
    test.each(list.split(" "))(`${what}: %s`, (hex) => {
      expect(decode(raw(100, 20), fromHex(hex)).ok).toBe(false);
    });
  }
});
