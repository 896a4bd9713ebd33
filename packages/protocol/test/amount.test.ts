import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  addAmounts,
  amount,
  amountToString,
  currency,
  formatAmount,
  isAmount,
  MAX_AMOUNT,
  parseAmount,
  parseDecimalAmount,
  subtractAmounts,
  unwrap,
  ZERO,
  type Amount,
} from "../src/index.ts";

const TOP = 2n ** 64n;
const amounts = fc.bigInt({ min: 0n, max: TOP - 1n }).map(amount);

describe("an amount", () => {
  test("is an unsigned 64-bit integer and nothing else", () => {
    expect(amount(0n)).toBe(ZERO);
    expect(amount(TOP - 1n)).toBe(MAX_AMOUNT);
    for (const wrong of [-1n, TOP]) expect(() => amount(wrong)).toThrow(RangeError);
    for (const wrong of [1, "1", null, undefined, NaN]) expect(isAmount(wrong)).toBe(false);
  });

  test("is added and subtracted exactly, or refused", () => {
    fc.assert(
      fc.property(amounts, amounts, (a, b) => {
        const sum = addAmounts(a, b);
        if (a + b < TOP) expect(sum).toEqual({ ok: true, value: a + b });
        else expect(sum).toEqual({ ok: false, error: "amount-overflow" });
        const difference = subtractAmounts(a, b);
        if (a >= b) expect(difference).toEqual({ ok: true, value: a - b });
        else expect(difference).toEqual({ ok: false, error: "amount-underflow" });
      }),
    );
    expect(addAmounts(MAX_AMOUNT, amount(1n)).ok).toBe(false);
    expect(subtractAmounts(ZERO, amount(1n)).ok).toBe(false);
  });

  test("survives JSON as a decimal string", () => {
    fc.assert(
      fc.property(amounts, (a) => {
        expect(parseAmount(amountToString(a))).toEqual({ ok: true, value: a });
      }),
    );
  });

  test.each(["", " 1", "1 ", "+1", "-1", "01", "1.0", "1e3", "0x1", "1_000", "١", "1n", "NaN"])(
    "is not read from %j",
    (text) => {
      expect(parseAmount(text)).toEqual({ ok: false, error: "amount-malformed" });
    },
  );

  test("is not read from a number beyond 64 bits", () => {
    expect(parseAmount("18446744073709551615")).toEqual({ ok: true, value: MAX_AMOUNT });
    expect(parseAmount("18446744073709551616")).toEqual({ ok: false, error: "amount-overflow" });
    expect(parseAmount("1".repeat(21))).toEqual({ ok: false, error: "amount-malformed" });
  });

  test("is shown to people with the decimals of its currency", () => {
    const eur = currency("EUR");
    expect(formatAmount(ZERO, eur)).toBe("0.00 EUR");
    expect(formatAmount(amount(5n), eur)).toBe("0.05 EUR");
    expect(formatAmount(amount(123_450n), eur)).toBe("1234.50 EUR");
    expect(formatAmount(amount(1234n), currency("JPY"), 0)).toBe("1234 JPY");
    expect(formatAmount(amount(1234n), currency("TND"), 3)).toBe("1.234 TND");
  });

  test("is read back from what people are shown", () => {
    fc.assert(
      fc.property(amounts, fc.integer({ min: 0, max: 4 }), (a, decimals) => {
        const shown = formatAmount(a, currency("EUR"), decimals).replace(" EUR", "");
        expect(parseDecimalAmount(shown, decimals)).toEqual({ ok: true, value: a });
      }),
    );
    expect(unwrap(parseDecimalAmount("12"))).toBe(1200n);
    expect(unwrap(parseDecimalAmount("12.5"))).toBe(1250n);
  });

  test.each(["", ".5", "1.", "1,50", "1.505", "-1", "1.-5", "00.10", "1.5.0"])(
    "is not guessed from what a person types as %j",
    (text) => {
      expect(parseDecimalAmount(text)).toEqual({ ok: false, error: "amount-malformed" });
    },
  );

  test("cannot be a plain bigint by mistake", () => {
    const spend = (value: Amount): bigint => value;
    // @ts-expect-error a bigint has not been checked
    expect(spend(-5n)).toBe(-5n);
    // @ts-expect-error the sum of two amounts may be none
    expect(spend(MAX_AMOUNT + MAX_AMOUNT)).toBeGreaterThan(MAX_AMOUNT);
  });
});
