import { amount, formatAmount, type Currency } from "@bezant/protocol";

/** A sum or difference for people; it may be below zero. */
export function formatSigned(value: bigint, currency: Currency): string {
  return value < 0n
    ? `-${formatAmount(amount(-value), currency)}`
    : formatAmount(amount(value), currency);
}
