import type { Brand } from "./brand.ts";
import { err, ok, type Result } from "./result.ts";
import type { Currency } from "./ids.ts";

/** Money in minor units (cents), 0 to 2^64-1. The only type that money has in this project. */
export type Amount = Brand<bigint, "Amount">;

export const MAX_AMOUNT = 0xffff_ffff_ffff_ffffn as Amount;
export const ZERO = 0n as Amount;

export type AmountError = "amount-malformed" | "amount-overflow" | "amount-underflow";

export function isAmount(value: unknown): value is Amount {
  return typeof value === "bigint" && value >= 0n && value <= MAX_AMOUNT;
}

/** Asserts that a bigint is an amount; anything else is a bug and throws. */
export function amount(value: bigint): Amount {
  if (!isAmount(value)) throw new RangeError(`not an amount: ${String(value)}`);
  return value;
}

/** Reads the JSON form: decimal digits without sign, leading zeros or separators. */
export function parseAmount(text: string): Result<Amount, AmountError> {
  if (typeof text !== "string" || !/^(?:0|[1-9][0-9]{0,19})$/.test(text))
    return err("amount-malformed");
  const value = BigInt(text);
  return isAmount(value) ? ok(value) : err("amount-overflow");
}

/** The JSON form: decimal digits in minor units. */
export function amountToString(value: Amount): string {
  return value.toString();
}

export function addAmounts(a: Amount, b: Amount): Result<Amount, "amount-overflow"> {
  const sum = a + b;
  return isAmount(sum) ? ok(sum) : err("amount-overflow");
}

export function subtractAmounts(a: Amount, b: Amount): Result<Amount, "amount-underflow"> {
  const difference = a - b;
  return isAmount(difference) ? ok(difference) : err("amount-underflow");
}

/** For people: `1234.50 EUR`. Currencies here have two decimals unless said otherwise (0 to 4, ISO 4217). */
export function formatAmount(value: Amount, currency: Currency, decimals = 2): string {
  if (decimals === 0) return `${value} ${currency}`;
  const digits = value.toString().padStart(decimals + 1, "0");
  return `${digits.slice(0, -decimals)}.${digits.slice(-decimals)} ${currency}`;
}

/** What a person types, `12`, `12.5` or `12.50`, in minor units; more decimals than the currency has are refused. */
export function parseDecimalAmount(text: string, decimals = 2): Result<Amount, AmountError> {
  const match = /^(0|[1-9][0-9]{0,19})(?:\.([0-9]+))?$/.exec(text);
  if (match === null) return err("amount-malformed");
  const [, whole = "", fraction = ""] = match;
  if (fraction.length > decimals) return err("amount-malformed");
  const value = BigInt(whole + fraction.padEnd(decimals, "0"));
  return isAmount(value) ? ok(value) : err("amount-overflow");
}
