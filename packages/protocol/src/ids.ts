import type { Brand } from "./brand.ts";
import { fromHex, toHex } from "./hex.ts";

/** A trusted application's id: the thumbprint of T.vk (RFC 9679), 32 bytes as lowercase hex. */
export type TaId = Brand<string, "TaId">;
/** A wallet's id, 32 bytes as lowercase hex; never the id of a TA. */
export type WalletId = Brand<string, "WalletId">;
/** The first 8 bytes of a key's thumbprint as lowercase hex; finds a key, proves nothing. */
export type KeyId = Brand<string, "KeyId">;
/** A wallet provider's name, stable across its keys. */
export type ProviderId = Brand<string, "ProviderId">;
/** An ISO 4217 alphabetic code. */
export type Currency = Brand<string, "Currency">;
/** Unix time in seconds, unsigned 32-bit (until 2106). */
export type Seconds = Brand<number, "Seconds">;
/** A counter or sequence number, 0 to 2^64-1; a string in JSON. */
export type Counter = Brand<bigint, "Counter">;

export const PROVIDER_ID = /^[a-z0-9-]{1,8}$/;
export const CURRENCY = /^[A-Z]{3}$/;
export const MAX_SECONDS = 0xffff_ffff;
export const MAX_COUNTER = 0xffff_ffff_ffff_ffffn as Counter;

const ID = /^[0-9a-f]{64}$/;
const KEY_ID = /^[0-9a-f]{16}$/;

const matches = (pattern: RegExp, value: unknown): boolean =>
  typeof value === "string" && pattern.test(value);

export const isTaId = (value: unknown): value is TaId => matches(ID, value);
export const isWalletId = (value: unknown): value is WalletId => matches(ID, value);
export const isKeyId = (value: unknown): value is KeyId => matches(KEY_ID, value);
export const isProviderId = (value: unknown): value is ProviderId => matches(PROVIDER_ID, value);
export const isCurrency = (value: unknown): value is Currency => matches(CURRENCY, value);
export const isSeconds = (value: unknown): value is Seconds =>
  typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= MAX_SECONDS;
export const isCounter = (value: unknown): value is Counter =>
  typeof value === "bigint" && value >= 0n && value <= MAX_COUNTER;

// Assertions: for values that the caller already knows to be right. Anything else is a bug and throws.
export const taId = (value: string): TaId => check(value, isTaId, "TA id");
export const walletId = (value: string): WalletId => check(value, isWalletId, "wallet id");
export const keyId = (value: string): KeyId => check(value, isKeyId, "key id");
export const providerId = (value: string): ProviderId => check(value, isProviderId, "provider id");
export const currency = (value: string): Currency => check(value, isCurrency, "currency");
export const seconds = (value: number): Seconds => check(value, isSeconds, "time in seconds");
export const counter = (value: bigint): Counter => check(value, isCounter, "counter");

function check<T, B extends T>(value: T, is: (value: unknown) => value is B, what: string): B {
  if (!is(value)) throw new RangeError(`not a ${what}: ${String(value)}`);
  return value;
}

export const taIdFromBytes = (bytes: Uint8Array): TaId => taId(toHex(bytes));
export const walletIdFromBytes = (bytes: Uint8Array): WalletId => walletId(toHex(bytes));
export const keyIdFromBytes = (bytes: Uint8Array): KeyId => keyId(toHex(bytes));

/** The bytes that a binary id stands for: 32, or 8 for a key id. */
export function idToBytes(id: TaId | WalletId | KeyId): Uint8Array {
  return fromHex(id);
}
