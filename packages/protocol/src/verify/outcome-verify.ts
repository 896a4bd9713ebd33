import type { Brand } from "../brand.ts";
import { parseCertificate } from "../certificate/certificate.ts";
import type { CertRefusal } from "../certificate/cert-verify.ts";
import type { VerifiedChain } from "../certificate/trust-store.ts";
import type { CompressedKey } from "../cose/key.ts";
import { taIdOf, walletIdOf } from "../cose/thumbprint.ts";
import { refusal, type Refusal } from "../errors.ts";
import type { ProviderId, TaId } from "../ids.ts";
import { payeeToAnybody, providerToAnybody } from "../messages/contexts.ts";
import type { Parsed } from "../messages/message.ts";
import {
  isProviderOutcome,
  outcome,
  type Outcome,
  type PayeeOutcome,
  type ProviderOutcome,
} from "../messages/outcome.ts";
import type { PayeeId, Payment } from "../messages/payment.ts";
import { err, ok, type Result } from "../result.ts";
import { andThen, pending, type Pending } from "./checks.ts";
import { signingChain } from "./home-verify.ts";
import type { Trust } from "./pay-verify.ts";

/** What an outcome means for one payment: the payee has it, the payer is owed a refund, or a wallet only has seen it. */
export type Verdict = "settled" | "refund-due" | "received";

export type VerifiedOutcome = Brand<
  {
    readonly outcome: Outcome;
    readonly verdict: Verdict;
    readonly bytes: Uint8Array;
    /** Of the provider that signed it; a payee's own word needs none. */
    readonly chain?: VerifiedChain;
  },
  "VerifiedOutcome"
>;

export type OutcomeRefusal =
  | CertRefusal
  | Refusal<"missing-certificate" | "unknown-payment" | "request-mismatch" | "not-home">;

/** The payment that the outcome is said to be about. */
export type Subject = {
  readonly payment: Pick<Payment, "receiver" | "receiverClass" | "r" | "j" | "amount">;
  readonly sender: TaId;
};

type Input = Trust & {
  readonly subject: Subject;
  /** The provider of whoever verifies. */
  readonly home: ProviderId;
};

/** Checks an outcome against the payment that it is about (§9), and says what it means for it. */
export function outcomeVerify(
  bytes: Uint8Array,
  input: Input,
): Result<Pending<VerifiedOutcome>, OutcomeRefusal> {
  const parsed = outcome.parse(bytes);
  if (!parsed.ok) return parsed;
  const { payload } = parsed.value;
  const verdict = verdictOf(payload, input.subject);
  if (verdict === undefined) return err(refusal("unknown-payment"));
  if (payload.amount !== input.subject.payment.amount) return err(refusal("request-mismatch"));
  const signature = isProviderOutcome(payload)
    ? byProvider(parsed.value as Parsed<ProviderOutcome>, input)
    : byPayee(parsed.value as Parsed<PayeeOutcome>, input);
  if (!signature.ok) return signature;
  return ok(
    andThen(signature.value, [], (chain) => {
      const known = { outcome: payload, verdict, bytes };
      return (chain === undefined ? known : { ...known, chain }) as VerifiedOutcome;
    }),
  );
}

/** What an outcome says about a payment, if it is about it at all. Verifies nothing. */
export function verdictOf(ended: Outcome, { payment, sender }: Subject): Verdict | undefined {
  const { r, j, receiver, receiverClass } = payment;
  const named = "sender" in ended && ended.sender === sender && ended.j === j;
  switch (ended.kind) {
    case "collected":
      if (receiverClass !== "ta" || ended.r !== r) return undefined;
      return named ? "settled" : "refund-due";
    case "void":
      return receiverClass === "ta" && ended.r === r ? "refund-due" : undefined;
    case "received":
      return receiverClass === "wallet" && ended.r === r && named ? "received" : undefined;
    case "claimed":
    case "never-settled": {
      if (receiverClass !== "wallet" || !named || ended.receiver !== receiver) return undefined;
      return ended.kind === "claimed" ? "settled" : "refund-due";
    }
  }
}

/** The payee's own signature. Its key is the one that P's receiver id stands for, so no chain is needed (§9.2). */
function byPayee(
  parsed: Parsed<PayeeOutcome>,
  { trust, subject }: Input,
): Result<Pending<VerifiedChain | undefined>, OutcomeRefusal> {
  const { receiver, receiverClass } = subject.payment;
  const payee = payeeOf(parsed);
  if (!payee.ok) return payee;
  const { iss, key, ta, wallet } = payee.value;
  if ((receiverClass === "ta" ? ta : wallet(iss)) !== receiver)
    return err(refusal("unknown-payment"));
  const context = payeeToAnybody({ currency: trust.currency, home: iss, payee: receiver });
  return ok(pending([outcome.signatureCheck(parsed, context, key)], () => undefined));
}

/** The signature of the receiver's provider (§9.4). */
function byProvider(
  parsed: Parsed<ProviderOutcome>,
  { home, subject, ...trusted }: Input,
): Result<Pending<VerifiedChain | undefined>, OutcomeRefusal> {
  const signer = signingChain(parsed, home, trusted);
  if (!signer.ok) return signer;
  const { provider, chain } = signer.value;
  const { sub, key } = provider.claims;
  // Any provider but the own one has to show that the receiver is its client: a wallet's id names its provider.
  if (sub !== home) {
    const payee = payeeOf(parsed);
    if (!payee.ok) return payee;
    if (payee.value.wallet(sub) !== subject.payment.receiver) return err(refusal("not-home"));
  }
  const context = providerToAnybody({ currency: trusted.trust.currency, provider: sub });
  return ok(andThen(chain, [outcome.signatureCheck(parsed, context, key)], (verified) => verified));
}

type AttachedPayee = {
  readonly iss: ProviderId;
  readonly key: CompressedKey;
  readonly ta: PayeeId;
  readonly wallet: (provider: ProviderId) => PayeeId;
};

/** Whom the attached certificate is for. The certificate itself is not verified: only its key matters. */
function payeeOf({ certificate }: Parsed<Outcome>): Result<AttachedPayee, OutcomeRefusal> {
  if (certificate === undefined) return err(refusal("missing-certificate"));
  const parsed = parseCertificate(certificate);
  if (!parsed.ok) return parsed;
  const { claims, key } = parsed.value;
  return ok({
    iss: claims.iss,
    key: claims.key,
    ta: taIdOf(key),
    wallet: (provider) => walletIdOf(provider, key),
  });
}
