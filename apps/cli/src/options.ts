import {
  currency,
  fromHex,
  institutionId,
  isCurrency,
  isInstitutionId,
  parseDecimalAmount,
  type Amount,
  type Currency,
  type InstitutionId,
} from "@bezant/protocol";
import { InvalidArgumentError } from "commander";

// What a person types, as the type that the rest of the program takes.

export function institutionOption(text: string): InstitutionId {
  if (!isInstitutionId(text)) {
    throw new InvalidArgumentError("An institution's id is 1 to 8 of a-z, 0-9 and -.");
  }
  return institutionId(text);
}

export function currencyOption(text: string): Currency {
  if (!isCurrency(text)) throw new InvalidArgumentError("A currency is three letters, like EUR.");
  return currency(text);
}

/** An amount above zero, like 12 or 12.50. */
export function amountOption(text: string): Amount {
  const value = parseDecimalAmount(text);
  if (!value.ok || value.value === 0n) {
    throw new InvalidArgumentError(
      "An amount is a number above 0 with at most two decimals, like 12.50.",
    );
  }
  return value.value;
}

export function daysOption(text: string): number {
  const days = Number(text);
  if (!/^[0-9]{1,5}$/.test(text) || days === 0) {
    throw new InvalidArgumentError("Days are a whole number from 1 to 99999.");
  }
  return days;
}

export function hexOption(text: string): Uint8Array {
  if (!/^(?:[0-9a-f]{2})+$/.test(text)) {
    throw new InvalidArgumentError("Bytes are written in lower-case hexadecimal.");
  }
  return fromHex(text);
}
