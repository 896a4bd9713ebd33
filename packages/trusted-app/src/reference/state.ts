import type { CompressedKey, Currency, InstitutionId, KeyId, Limits, TaId } from "@bezant/protocol";
import type { Purse } from "../outcomes/index.ts";

export const PHASES = ["blank", "initialised", "active", "retired"] as const;
export type Phase = (typeof PHASES)[number];

export const MAX_WITHDRAWALS = 4;
export const MAX_PIN_TRIES = 5;

/** A withdrawal that the provider has not acknowledged. */
export interface PendingWithdrawal {
  readonly w: number;
  readonly amount: bigint;
  /** r || s in hex, so that it is sent again byte for byte. */
  readonly signature: string;
}

/** From this epoch on a status list of this provider counts. */
export interface EpochPin {
  readonly issuer: InstitutionId;
  readonly epoch: number;
}

/** What this key signed later is not believed. */
export interface RevokedKey {
  readonly kid: KeyId;
  readonly since: number;
}

/** All that a TA knows (docs/protocol.md §13.1). Byte strings are in hex, except the certificate. */
export interface TaState extends Purse {
  readonly phase: Phase;
  readonly anchor: CompressedKey;
  readonly vk: CompressedKey;
  readonly id: TaId;
  /** T.cert; this and all up to `providerKid` are empty or zero before `CertInit`. */
  readonly cert: Uint8Array;
  readonly home: InstitutionId;
  readonly currency: Currency;
  readonly exp: number;
  readonly serial: number;
  readonly providerKey: CompressedKey;
  readonly providerKid: KeyId;
  /** End of that key's certificate: afterwards the key has to come with a chain. */
  readonly providerExp: number;
  readonly limits: Limits;
  /** Payments and their value since the last sync. */
  readonly windowCount: number;
  readonly windowValue: bigint;
  /** Last trusted time; only rises. */
  readonly time: number;
  readonly w: number;
  readonly withdrawals: readonly PendingWithdrawal[];
  /** Hash chain over everything that moved money or ended a request. */
  readonly head: string;
  /** Of the sync asked for, with the window as it was then; all zero: none. */
  readonly syncNonce: string;
  readonly syncCount: number;
  readonly syncValue: bigint;
  readonly syncUnchecked: bigint;
  /** Value paid and collected since the last sync without a status list that vouched for the other side. */
  readonly uncheckedValue: bigint;
  /** What the last sync said of institutions. */
  readonly epochs: readonly EpochPin[];
  readonly revokedKeys: readonly RevokedKey[];
  readonly pinSet: boolean;
  readonly pinPending: boolean;
  readonly pinFresh: boolean;
  readonly pinTries: number;
  readonly pinSalt: string;
  readonly pinDigest: string;
  readonly pinAllowance: bigint;
  readonly noPinSpent: bigint;
}
