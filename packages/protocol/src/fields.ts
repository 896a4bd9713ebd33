import { isAmount } from "./amount.ts";
import { bytes, hex, refined, text, uint, uint64 } from "./cbor/index.ts";
import {
  CURRENCY,
  INSTITUTION_ID,
  isCounter,
  isSeconds,
  type Currency,
  type DeviceId,
  type InstitutionId,
  type KeyId,
  type TaId,
  type WalletId,
} from "./ids.ts";

/** Schemas of the common types (protocol document, §1), for the fields of messages. */
export const field = {
  /** What a message moves: never 0. */
  amount: refined(uint64(undefined, 1n), isAmount),
  /** Balances, totals and limits: may be 0. */
  balance: refined(uint64(), isAmount),
  counter: refined(uint(), isCounter),
  seconds: refined(uint(), isSeconds),
  taId: hex<TaId>(32),
  walletId: hex<WalletId>(32),
  deviceId: hex<DeviceId>(32),
  keyId: hex<KeyId>(8),
  institutionId: text<InstitutionId>(8, INSTITUTION_ID),
  currency: text<Currency>(3, CURRENCY),
  digest: bytes(32),
  challenge: bytes(8),
  nonce: bytes(16),
  signature: bytes(64),
} as const;
