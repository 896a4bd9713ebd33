import type { Brand } from "./brand.ts";
import { fromHex, toHex } from "./hex.ts";
import { err, ok, type Result } from "./result.ts";

/** A trusted application's id: the thumbprint of T.vk (RFC 9679), 32 bytes as lowercase hex. */
export type TaId = Brand<string, "TaId">;
/** A wallet's id, 32 bytes as lowercase hex; never the id of a TA. */
export type WalletId = Brand<string, "WalletId">;
/** A device's id: the thumbprint of D.vk, 32 bytes as lowercase hex. */
export type DeviceId = Brand<string, "DeviceId">;
/** The first 8 bytes of a key's thumbprint as lowercase hex: a hint that finds a key, never proof. */
export type KeyId = Brand<string, "KeyId">;
/** The name of a provider, intermediary, central bank or manufacturer, stable across its keys. */
export type InstitutionId = Brand<string, "InstitutionId">;
/** The institution id of a wallet provider. */
export type ProviderId = InstitutionId;
/** Whoever can sign a message or be its audience. */
export type PartyId = TaId | WalletId | DeviceId | InstitutionId;

/** An ISO 4217 alphabetic code. */
export type Currency = Brand<string, "Currency">;
/** Unix time in seconds, unsigned 32-bit (until 2106); 0 is unknown. */
export type Seconds = Brand<number, "Seconds">;
/** A sequence number, unsigned 32-bit; a decimal string in JSON. */
export type Counter = Brand<number, "Counter">;

export const INSTITUTION_ID = /^[a-z0-9-]{1,8}$/;
export const CURRENCY = /^[A-Z]{3}$/;
const MAX_UINT32 = 0xffff_ffff;
export const MAX_SECONDS = MAX_UINT32 as Seconds;
export const MAX_COUNTER = MAX_UINT32 as Counter;

const ID = /^[0-9a-f]{64}$/;
const KEY_ID = /^[0-9a-f]{16}$/;

export const isTaId = (value: unknown): value is TaId => matches(ID, value);
export const isWalletId = (value: unknown): value is WalletId => matches(ID, value);
export const isDeviceId = (value: unknown): value is DeviceId => matches(ID, value);
export const isKeyId = (value: unknown): value is KeyId => matches(KEY_ID, value);
export const isInstitutionId = (value: unknown): value is InstitutionId =>
  matches(INSTITUTION_ID, value);
export const isCurrency = (value: unknown): value is Currency => matches(CURRENCY, value);
export const isSeconds = (value: unknown): value is Seconds => isUint32(value);
export const isCounter = (value: unknown): value is Counter => isUint32(value);

// Assertions, for values that the caller already knows to be right: anything else is a bug and throws.
export const taId = (value: string): TaId => asserted(value, isTaId, "TA id");
export const walletId = (value: string): WalletId => asserted(value, isWalletId, "wallet id");
export const deviceId = (value: string): DeviceId => asserted(value, isDeviceId, "device id");
export const keyId = (value: string): KeyId => asserted(value, isKeyId, "key id");
export const institutionId = (value: string): InstitutionId =>
  asserted(value, isInstitutionId, "institution id");
export const providerId = (value: string): ProviderId =>
  asserted(value, isInstitutionId, "provider id");
export const currency = (value: string): Currency => asserted(value, isCurrency, "currency");
export const seconds = (value: number): Seconds => asserted(value, isSeconds, "time in seconds");
export const counter = (value: number): Counter => asserted(value, isCounter, "counter");

export const taIdFromBytes = (bytes: Uint8Array): TaId => taId(toHex(bytes));
export const walletIdFromBytes = (bytes: Uint8Array): WalletId => walletId(toHex(bytes));
export const deviceIdFromBytes = (bytes: Uint8Array): DeviceId => deviceId(toHex(bytes));
export const keyIdFromBytes = (bytes: Uint8Array): KeyId => keyId(toHex(bytes));

/** The bytes that a binary id stands for: 32, or 8 for a key id. */
export function idToBytes(id: TaId | WalletId | DeviceId | KeyId): Uint8Array {
  return fromHex(id);
}

/** Reads the JSON form of a counter: decimal digits without sign or leading zeros. */
export function parseCounter(text: string): Result<Counter, "counter-malformed"> {
  const value = /^(?:0|[1-9][0-9]{0,9})$/.test(text) ? Number(text) : -1;
  return isCounter(value) ? ok(value) : err("counter-malformed");
}

function matches(pattern: RegExp, value: unknown): boolean {
  return typeof value === "string" && pattern.test(value);
}

function isUint32(value: unknown): boolean {
  return typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= MAX_UINT32;
}

function asserted<T, B extends T>(value: T, is: (value: unknown) => value is B, what: string): B {
  if (!is(value)) throw new RangeError(`not a ${what}: ${String(value)}`);
  return value;
}
