import { isIP } from "node:net";
import {
  currency,
  fromHex,
  institutionId,
  isCompressedKey,
  isCurrency,
  isInstitutionId,
  isKeyId,
  isProviderAddress,
  isSeconds,
  isTaId,
  isWalletId,
  parseCounter,
  parseDecimalAmount,
  type Amount,
  type CompressedKey,
  type Counter,
  type Currency,
  type InstitutionId,
  type KeyId,
  type Seconds,
  type SecurityLevel,
  type TaId,
  type WalletId,
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
  if (value.ok && value.value > 0n) return value.value;
  throw new InvalidArgumentError(
    !value.ok && value.error === "amount-overflow"
      ? "This is more than any amount can be."
      : "An amount is a number above 0 with at most two decimals, like 12.50.",
  );
}

/** An amount, or 0. */
export function balanceOption(text: string): Amount {
  const value = parseDecimalAmount(text);
  if (!value.ok) {
    throw new InvalidArgumentError("An amount is a number with at most two decimals, like 12.50.");
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

/** A whole number above zero. */
export function countOption(text: string): number {
  const count = Number(text);
  if (!/^[0-9]{1,9}$/.test(text) || count === 0) {
    throw new InvalidArgumentError("A whole number from 1 to 999999999 is needed.");
  }
  return count;
}

/** The number of a request or payment. */
export function counterOption(text: string): Counter {
  const counter = parseCounter(text);
  if (!counter.ok || counter.value === 0) {
    throw new InvalidArgumentError("A number from 1 to 4294967295 is needed.");
  }
  return counter.value;
}

export function portOption(text: string): number {
  const port = Number(text);
  if (!/^[0-9]{1,5}$/.test(text) || port > 65_535) {
    throw new InvalidArgumentError("A port is a number from 0 to 65535.");
  }
  return port;
}

export function compressedKeyOption(text: string): CompressedKey {
  if (!isCompressedKey(text)) {
    throw new InvalidArgumentError("A compressed P-256 key is 66 hexadecimal digits, 02… or 03….");
  }
  return text;
}

export function walletIdOption(text: string): WalletId {
  if (!isWalletId(text)) {
    throw new InvalidArgumentError("A wallet's id is 64 hexadecimal digits in lower case.");
  }
  return text;
}

/** All of a TA's id, or so much of its beginning as a list shows. */
export function taPrefixOption(text: string): string {
  if (!/^[0-9a-f]{8,64}$/.test(text)) {
    throw new InvalidArgumentError(
      "A TA's id is 64 hexadecimal digits in lower case; the first 8 may do.",
    );
  }
  return text;
}

export function taIdOption(text: string): TaId {
  if (!isTaId(text)) {
    throw new InvalidArgumentError("A TA's id is 64 hexadecimal digits in lower case.");
  }
  return text;
}

export function levelOption(text: string): SecurityLevel {
  if (text !== "1" && text !== "2" && text !== "3") {
    throw new InvalidArgumentError("A security level is 1, 2 or 3.");
  }
  return Number(text) as SecurityLevel;
}

export function urlOption(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !["http:", "https:"].includes(url.protocol)) {
    throw new InvalidArgumentError("A URL begins with http:// or https://.");
  }
  return text.replace(/\/+$/, "");
}

export type OtherProvider = { readonly id: InstitutionId; readonly url: string };

/** Where other providers reach one: `https://bank.example:8082`, as an entry of the directory may say it. */
export function providerAddressOption(text: string): string {
  if (!isProviderAddress(text)) {
    throw new InvalidArgumentError("An address is like https://bank.example:8082.");
  }
  return text;
}

/** A provider, and where it serves others: `boreal=https://10.0.0.7:8082`. */
export function otherProviderOption(text: string): OtherProvider {
  const at = text.indexOf("=");
  const url = urlOption(text.slice(at + 1));
  if (at < 0 || !/^https:\/\/[^/]+$/.test(url)) {
    throw new InvalidArgumentError("A provider is named like boreal=https://10.0.0.7:8082.");
  }
  return { id: institutionOption(text.slice(0, at)), url };
}

export function keyIdOption(text: string): KeyId {
  if (!isKeyId(text)) {
    throw new InvalidArgumentError("A key id is 16 hexadecimal digits in lower case.");
  }
  return text;
}

/** A moment as ISO 8601 writes it, with its offset from UTC. */
export function timeOption(text: string): Seconds {
  const milliseconds = Date.parse(text);
  const value = Math.floor(milliseconds / 1000);
  if (!/^\d{4}-\d\d-\d\dT.*(?:Z|[+-]\d\d:\d\d)$/.test(text) || !isSeconds(value)) {
    throw new InvalidArgumentError("A time is like 2026-11-24T12:00:00Z.");
  }
  return value;
}

export function hostOption(text: string): string {
  const label = "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?";
  if (text.length > 253 || !new RegExp(`^(?:${label}\\.)*${label}$`).test(text)) {
    throw new InvalidArgumentError("A host name is like ops.aurum.example, in lower case.");
  }
  return text;
}

export function addressOption(text: string): string {
  if (isIP(text) === 0) throw new InvalidArgumentError("An address is IPv4 or IPv6.");
  return text;
}

/** For an option that may be given more than once. */
export function collect(): (text: string, earlier?: readonly string[]) => string[];
export function collect<T>(
  parse: (text: string) => T,
): (text: string, earlier?: readonly T[]) => T[];
export function collect<T>(parse?: (text: string) => T) {
  return (text: string, earlier: readonly (T | string)[] = []) => [
    ...earlier,
    parse === undefined ? text : parse(text),
  ];
}

/** Sixteen bytes in hexadecimal. */
export function orderIdOption(text: string): Uint8Array {
  if (!/^[0-9a-f]{32}$/.test(text)) {
    throw new InvalidArgumentError("An order's id is 32 hexadecimal digits in lower case.");
  }
  return fromHex(text);
}
