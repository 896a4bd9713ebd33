// What providers, wallets and other TAs sign, for tests: exactly what they are told to.
import {
  amount,
  attach,
  counter,
  depositConfirmation,
  outcome,
  payment,
  paymentRequest,
  MAX_STATUS_INDEX,
  seconds,
  statusChunk,
  syncResponse,
  unwrap,
  withdrawalAcknowledgement,
  type Context,
  type Currency,
  type InstitutionId,
  type Limits,
  type Outcome,
  type PartyId,
  type PayeeClass,
  type PayeeId,
  type SyncResponse,
  type TaId,
} from "@bezant/protocol";
import type { Key } from "./crypto.ts";
import { EUR, START, type Institution, type ProviderKey, type Wallet } from "./institutions.ts";

/** Somebody who signs as a TA or wallet does: with a certificate and under a provider. */
export interface Holder {
  readonly id: PayeeId;
  readonly key: Key;
  readonly certificate: Uint8Array;
  readonly home: InstitutionId;
}

/** The same message with its sender's certificate and its provider's chain, for a receiver of another provider. */
export function withChain(
  message: Uint8Array,
  {
    certificate,
    provider: { chain },
  }: { readonly certificate: Uint8Array; readonly provider: Pick<ProviderKey, "chain"> },
): Uint8Array {
  return unwrap(attach(message, { certificate, chain }));
}

/** The same message with nothing beside it. */
export function without(message: Uint8Array): Uint8Array {
  return unwrap(attach(message, {}));
}

export function holderOf({ id, key, certificate, provider }: Wallet): Holder {
  return { id, key, certificate, home: provider.id };
}

function byProvider(
  provider: Institution,
  audience: PartyId | "",
  currency: Currency = EUR,
): Context {
  return { currency, home: "", signer: provider.id, audience };
}

function byHolder(holder: Holder, audience: PartyId | "", currency: Currency = EUR): Context {
  return { currency, home: holder.home, signer: holder.id, audience };
}

export function signConfirmation(
  provider: Institution,
  ta: TaId,
  { d, x, refundOf }: { readonly d: number; readonly x: bigint; readonly refundOf?: number },
): Uint8Array {
  const common = { amount: amount(x), d: counter(d) };
  const payload =
    refundOf === undefined
      ? ({ ...common, kind: "deposit" } as const)
      : ({ ...common, kind: "refund", j: counter(refundOf) } as const);
  return depositConfirmation.sign(payload, byProvider(provider, ta), provider.key);
}

export function signAcknowledgement(provider: Institution, ta: TaId, w: number): Uint8Array {
  const payload = { w: counter(w) };
  return withdrawalAcknowledgement.sign(payload, byProvider(provider, ta), provider.key);
}

export interface SyncAnswer {
  readonly nonce: Uint8Array;
  readonly limits: Limits;
  readonly time: number;
  readonly w: number;
  readonly stored: number;
  readonly unlockPin?: boolean;
  readonly epochs?: SyncResponse["epochs"];
  readonly revokedKeys?: SyncResponse["revokedKeys"];
}

export function signSync(provider: Institution, ta: TaId, answer: SyncAnswer): Uint8Array {
  const { nonce, limits, time, w, stored, unlockPin = false } = answer;
  const { epochs = [], revokedKeys = [] } = answer;
  const payload = {
    nonce,
    limits,
    time: seconds(time),
    w: counter(w),
    stored: counter(stored),
    unlockPin,
    epochs,
    revokedKeys,
  };
  return syncResponse.sign(payload, byProvider(provider, ta), provider.key);
}

export interface ChunkTerms {
  readonly epoch: number;
  readonly issuedAt?: number;
  readonly first?: number;
  readonly last?: number;
  readonly revoked?: readonly number[];
}

/** A chunk of a provider's status list, its chain attached. */
export function signChunk(provider: ProviderKey, terms: ChunkTerms, isBare = false): Uint8Array {
  const { epoch, issuedAt = START, first = 0, last = MAX_STATUS_INDEX, revoked = [] } = terms;
  const payload = { epoch, issuedAt: seconds(issuedAt), first, last, revoked };
  const context = { currency: EUR, home: "", signer: provider.id, audience: "" } as const;
  return statusChunk.sign(payload, context, provider.key, isBare ? {} : { chain: provider.chain });
}

export interface RequestTerms {
  readonly x: bigint;
  readonly r: number;
  readonly challenge: Uint8Array;
  readonly expires?: number;
}

export function signRequest(payee: Holder, terms: RequestTerms): Uint8Array {
  const { x, r, challenge, expires } = terms;
  const payload = {
    amount: amount(x),
    r: counter(r),
    challenge,
    ...(expires === undefined ? {} : { expires: seconds(expires) }),
  };
  const { certificate } = payee;
  return paymentRequest.sign(payload, byHolder(payee, ""), payee.key, { certificate });
}

export interface PaymentTerms {
  readonly x: bigint;
  readonly receiver: PayeeId;
  readonly receiverClass: PayeeClass;
  readonly j: number;
  readonly r: number;
  readonly challenge: Uint8Array;
  readonly type?: "basic" | "conditional";
}

/** What only a TA would sign: for a broken one. */
export function signPayment(sender: Holder, terms: PaymentTerms): Uint8Array {
  const { x, j, r, receiver, receiverClass, challenge, type = "basic" } = terms;
  const payload = {
    amount: amount(x),
    receiver,
    receiverClass,
    j: counter(j),
    r: counter(r),
    challenge,
    time: seconds(0),
    type,
  };
  const { certificate } = sender;
  return payment.sign(payload, byHolder(sender, receiver), sender.key, { certificate });
}

export function signPayeeOutcome(payee: Holder, ended: Outcome): Uint8Array {
  const { certificate } = payee;
  return outcome.sign(ended, byHolder(payee, ""), payee.key, { certificate });
}

export function signProviderOutcome(provider: Institution, ended: Outcome): Uint8Array {
  return outcome.sign(ended, byProvider(provider, ""), provider.key);
}
