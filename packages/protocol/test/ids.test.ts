import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  counter,
  currency,
  deviceIdFromBytes,
  encode,
  field,
  fromHex,
  idToBytes,
  institutionId,
  isCounter,
  isCurrency,
  isInstitutionId,
  isKeyId,
  isSeconds,
  isTaId,
  keyId,
  keyIdFromBytes,
  MAX_COUNTER,
  parseCounter,
  providerId,
  seconds,
  taId,
  taIdFromBytes,
  toHex,
  walletId,
  walletIdFromBytes,
  type Seconds,
  type TaId,
} from "../src/index.ts";

const bytes32 = fc.uint8Array({ minLength: 32, maxLength: 32 });
const ZEROS = "00".repeat(32);

describe("binary ids", () => {
  test("stand for their bytes, as lowercase hex", () => {
    fc.assert(
      fc.property(bytes32, (bytes) => {
        for (const from of [taIdFromBytes, walletIdFromBytes, deviceIdFromBytes]) {
          expect(idToBytes(from(bytes))).toEqual(bytes);
        }
        expect(idToBytes(keyIdFromBytes(bytes.subarray(0, 8)))).toEqual(bytes.subarray(0, 8));
        expect(taIdFromBytes(bytes)).toBe(Buffer.from(bytes).toString("hex"));
      }),
    );
  });

  test.each([
    ["too short", ZEROS.slice(2)],
    ["too long", `${ZEROS}00`],
    ["half a byte", ZEROS.slice(1)],
    ["upper case", "AB".repeat(32)],
    ["no hex", "xy".repeat(32)],
    ["a line end", `${ZEROS}\n`],
  ])("refuse %s", (_, text) => {
    expect(isTaId(text)).toBe(false);
    expect(() => taId(text)).toThrow(RangeError);
    expect(() => walletId(text)).toThrow(RangeError);
    expect(() => keyId(text)).toThrow(RangeError);
  });

  test("of one kind do not pass for another", () => {
    const find = (id: TaId): string => id;
    // @ts-expect-error a wallet's id is no TA's id
    expect(find(walletId(ZEROS))).toBe(ZEROS);
    // @ts-expect-error neither is any text
    expect(find(ZEROS)).toBe(ZEROS);
    // @ts-expect-error a schema of TA ids takes no wallet ids
    expect(encode(field.taId, walletId(ZEROS))).toHaveLength(34);
  });

  test("of keys are 8 bytes", () => {
    expect(isKeyId("0011223344556677")).toBe(true);
    expect(isKeyId("001122334455667")).toBe(false);
    expect(() => keyIdFromBytes(new Uint8Array(9))).toThrow(RangeError);
  });
});

describe("names", () => {
  test("of institutions are 1 to 8 of a-z, 0-9 and hyphen", () => {
    for (const good of ["a", "bank-a", "12345678"]) expect(institutionId(good)).toBe(good);
    for (const bad of ["", "123456789", "Bank", "bank_a", "bänk", "bank a", "bank\n"]) {
      expect(isInstitutionId(bad)).toBe(false);
      expect(() => providerId(bad)).toThrow(RangeError);
    }
  });

  test("of currencies are three capitals", () => {
    expect(currency("EUR")).toBe("EUR");
    for (const bad of ["", "EU", "EURO", "eur", "€", "EUR\n"]) expect(isCurrency(bad)).toBe(false);
  });
});

describe("times and counters", () => {
  test("are unsigned 32-bit integers", () => {
    expect(seconds(0)).toBe(0);
    expect(counter(0xffff_ffff)).toBe(MAX_COUNTER);
    for (const bad of [-1, 1.5, 2 ** 32, NaN, Infinity, "1", 1n]) {
      expect(isSeconds(bad)).toBe(false);
      expect(isCounter(bad)).toBe(false);
    }
    expect(() => seconds(Date.UTC(2026, 0))).toThrow(RangeError);
  });

  test("do not pass for each other", () => {
    const wait = (until: Seconds): number => until;
    // @ts-expect-error a counter is no time
    expect(wait(counter(3))).toBe(3);
  });

  test("are read from JSON only in their one form", () => {
    fc.assert(
      fc.property(fc.nat({ max: 0xffff_ffff }), (n) => {
        expect(parseCounter(String(n))).toEqual({ ok: true, value: n });
      }),
    );
    for (const bad of ["", "01", "-1", "1.0", "4294967296", "1e3", " 1"]) {
      expect(parseCounter(bad)).toEqual({ ok: false, error: "counter-malformed" });
    }
  });
});

describe("hex", () => {
  test("goes to bytes and back", () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect(toHex(bytes)).toBe(Buffer.from(bytes).toString("hex"));
        expect(fromHex(toHex(bytes))).toEqual(bytes);
      }),
    );
  });

  test.each(["0", "0g", "G0", "AA", " 0", "0\u{130}", "é0"])("is not %j", (text) => {
    expect(() => fromHex(text)).toThrow(TypeError);
  });
});
