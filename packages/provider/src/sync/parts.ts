import {
  checkSignature,
  decodeSequence,
  decompress,
  err,
  MAX_MESSAGE,
  ok,
  outcome,
  parseCertificate,
  payeeToAnybody,
  payment,
  providerToAnybody,
  refusal,
  runChecksAsync,
  signingChain,
  taIdOf,
  typOf,
  walletIdOf,
  type Outcome,
  type Parsed,
  type Refusal,
  type Result,
  type TaId,
  type WalletId,
} from "@bezant/protocol";
import type { Core } from "../core/core.ts";
import { ownPayment, type OwnPayment } from "../core/own-payment.ts";
import { sequenceRefusal } from "../core/sequence.ts";

/** Messages in one sync at most; a wallet that holds more syncs again. */
export const MAX_SYNC_ITEMS = 1024;

/** An outcome that was signed by whoever it says; whether it is about a payment of this TA is another question. */
export interface SyncedOutcome {
  readonly outcome: Outcome;
  /** A payee's id, or the id of a provider. */
  readonly signer: string;
  readonly payloadBytes: Uint8Array;
  readonly bytes: Uint8Array;
}

export interface SyncedPayment extends OwnPayment {
  readonly bytes: Uint8Array;
}

export interface SyncedParts {
  readonly payments: readonly SyncedPayment[];
  readonly outcomes: readonly SyncedOutcome[];
}

/** Splits the body of a sync: the request, and what comes with it. */
export function splitSync(
  body: Uint8Array,
): Result<readonly [request: Uint8Array, rest: readonly Uint8Array[]], Refusal> {
  const split = decodeSequence(body, { maxItems: 1 + MAX_SYNC_ITEMS, maxItemSize: MAX_MESSAGE });
  if (!split.ok) return err(sequenceRefusal(split.error));
  const [request, ...rest] = split.value;
  return request === undefined ? err(refusal("malformed", "empty")) : ok([request, rest]);
}

/** Verifies the payments and outcomes of a sync, all or none. */
export async function verifyParts(
  core: Core,
  client: WalletId,
  ta: TaId,
  items: readonly Uint8Array[],
): Promise<Result<SyncedParts, Refusal>> {
  const payments: SyncedPayment[] = [];
  const outcomes: SyncedOutcome[] = [];
  for (const bytes of items) {
    if (typOf(bytes) === payment.typ) {
      const own = await ownPayment(core, client, bytes);
      if (!own.ok) return own;
      if (own.value.sender !== ta) return err(refusal("wrong-audience", "another TA's payment"));
      payments.push({ ...own.value, bytes });
    } else {
      const signed = await signedOutcome(core, bytes);
      if (!signed.ok) return signed;
      outcomes.push(signed.value);
    }
  }
  return ok({ payments, outcomes });
}

async function signedOutcome(
  core: Core,
  bytes: Uint8Array,
): Promise<Result<SyncedOutcome, Refusal>> {
  const parsed = outcome.parse(bytes);
  if (!parsed.ok) return parsed;
  const { payload, payloadBytes } = parsed.value;
  const byProvider = payload.kind === "claimed" || payload.kind === "never-settled";
  const signer = byProvider
    ? await signedByProvider(core, parsed.value)
    : await signedByPayee(core, parsed.value);
  return signer.ok ? ok({ outcome: payload, signer: signer.value, payloadBytes, bytes }) : signer;
}

/** A payee's id follows from its key, so its certificate need not be trusted for more than that key. */
async function signedByPayee(
  { identity, verifier }: Core,
  parsed: Parsed<Outcome>,
): Promise<Result<string, Refusal>> {
  if (parsed.certificate === undefined) return err(refusal("missing-certificate"));
  const certificate = parseCertificate(parsed.certificate);
  if (!certificate.ok) return certificate;
  const { iss, key } = certificate.value.claims;
  const point = decompress(key);
  if (!point.ok) return err(refusal("bad-key"));
  const isWallet = parsed.payload.kind === "received";
  const payee = isWallet ? walletIdOf(iss, point.value) : taIdOf(point.value);
  const context = payeeToAnybody({ currency: identity.currency, home: iss, payee });
  const check = outcome.signatureCheck(parsed, context, key);
  const good = checkSignature(check.signature) === undefined && (await verifier.verify(check));
  return good ? ok(payee) : err(refusal("bad-signature"));
}

async function signedByProvider(
  { identity, trust, clock, verifier }: Core,
  parsed: Parsed<Outcome>,
): Promise<Result<string, Refusal>> {
  const signing = signingChain(parsed, identity.id, { trust, now: clock.now() });
  if (!signing.ok) return signing;
  const { provider, chain } = signing.value;
  const verified = await runChecksAsync(chain, verifier);
  if (!verified.ok) return verified;
  const { sub, key } = provider.claims;
  const context = providerToAnybody({ currency: identity.currency, provider: sub });
  const check = outcome.signatureCheck(parsed, context, key);
  const good = checkSignature(check.signature) === undefined && (await verifier.verify(check));
  return good ? ok(sub) : err(refusal("bad-signature"));
}
