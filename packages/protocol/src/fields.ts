import { isAmount } from "./amount.ts";
import { hex, refined, text, uint, uint64 } from "./cbor/index.ts";
import {
  CURRENCY,
  isCounter,
  isSeconds,
  PROVIDER_ID,
  type Currency,
  type KeyId,
  type ProviderId,
  type TaId,
  type WalletId,
} from "./ids.ts";

/** Schemas of the base types, for the fields of messages. */
export const field = {
  /** 0 to 2^64-1: balances and totals. */
  amount: refined(uint64(), isAmount),
  /** 1 to 2^64-1: what a payment, deposit or withdrawal moves. */
  positiveAmount: refined(uint64(undefined, 1n), isAmount),
  counter: refined(uint64(), isCounter),
  taId: hex<TaId>(32),
  walletId: hex<WalletId>(32),
  keyId: hex<KeyId>(8),
  providerId: text<ProviderId>(8, PROVIDER_ID),
  currency: text<Currency>(3, CURRENCY),
  seconds: refined(uint(), isSeconds),
} as const;
