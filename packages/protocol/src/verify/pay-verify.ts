import type { Brand } from "../brand.ts";
import { equalBytes } from "../bytes.ts";
import {
  certVerify,
  CLOCK_SKEW,
  type CertRefusal,
  type Certified,
} from "../certificate/cert-verify.ts";
import type { LeafCache, TrustStore } from "../certificate/trust-store.ts";
import { refusal, type Refusal } from "../errors.ts";
import type { ProviderId, Seconds, TaId, WalletId } from "../ids.ts";
import { paymentContext } from "../messages/contexts.ts";
import { payment, type Payment } from "../messages/payment.ts";
import type { PaymentRequest } from "../messages/payment-request.ts";
import { err, ok, type Result } from "../result.ts";
import { andThen, type Pending } from "./checks.ts";

/** For this long after its sender's certificates have expired a provider honours a payment: 30 days, in seconds. */
export const PAYMENT_GRACE = 30 * 24 * 60 * 60;

/** For this long does a receiver that hands over goods for it: not at all, but clocks may differ. In seconds. */
export const RECEIPT_GRACE = CLOCK_SKEW;

/** A payment that passed PayVerify. Only such a one may be credited. */
export type VerifiedPayment = Brand<
  {
    readonly payment: Payment;
    readonly sender: TaId;
    /** The provider under which the sender's TA paid. */
    readonly home: ProviderId;
    readonly senderCertificate: Certified<"ta">;
    readonly bytes: Uint8Array;
  },
  "VerifiedPayment"
>;

export type PayRefusal = CertRefusal | Refusal<"missing-certificate" | "unsupported-payment-type">;

/** What every verification of somebody else's message needs. */
export type Trust = {
  readonly trust: TrustStore;
  readonly now: Seconds;
  readonly leaves?: LeafCache | undefined;
};

export type PayVerifyInput = Trust & {
  /** In seconds, for each certificate of the sender: `RECEIPT_GRACE` at the counter, `PAYMENT_GRACE` if absent. */
  readonly grace?: number | undefined;
};

/** PayVerify(P), Figure 8 (§8.2), by whoever receives P. Its signature and the certificates' are left as checks. */
export function payVerify(
  bytes: Uint8Array,
  { trust, now, leaves, grace = PAYMENT_GRACE }: PayVerifyInput,
): Result<Pending<VerifiedPayment>, PayRefusal> {
  // P decodes and has typ 65009.
  const parsed = payment.parse(bytes);
  if (!parsed.ok) return parsed;
  const { payload, certificate, chain } = parsed.value;
  // The attached certificate, and chain, passes CertVerify for role TA and the own currency, with grace.
  if (certificate === undefined) return err(refusal("missing-certificate"));
  const sender = certVerify({
    certificate,
    chain,
    trust,
    roles: ["ta"],
    now,
    grace,
    leaves,
  });
  if (!sender.ok) return sender;
  // The payment's type is Basic.
  if (payload.type !== "basic") return err(refusal("unsupported-payment-type"));
  // P's signature verifies: home is the certificate's `iss`, signer the thumbprint of its key, audience P's receiver.
  const { id, claims } = sender.value.claimed;
  const { currency } = trust;
  const context = paymentContext({
    currency,
    home: claims.iss,
    sender: id,
    receiver: payload.receiver,
  });
  const check = payment.signatureCheck(parsed.value, context, claims.key);
  return ok(
    andThen(sender.value, [check], (senderCertificate) => {
      const known = { payment: payload, sender: id, home: claims.iss, senderCertificate, bytes };
      return known as VerifiedPayment;
    }),
  );
}

/** The receiver that asks whether a payment is to it. */
export type Payee =
  | { readonly class: "ta"; readonly id: TaId }
  | { readonly class: "wallet"; readonly id: WalletId };

/** Receiver and class are the payee's own (§8.3). */
export function checkAddressee(
  { receiver, receiverClass }: Payment,
  payee: Payee,
): Refusal<"wrong-audience"> | undefined {
  const own = receiver === payee.id && receiverClass === payee.class;
  return own ? undefined : refusal("wrong-audience");
}

/** The payment answers this open request of the receiver (§8.3); undefined: it has none with that number. */
export function checkRequest(
  { r, challenge, amount }: Payment,
  request: Pick<PaymentRequest, "r" | "challenge" | "amount"> | undefined,
): Refusal<"unknown-request" | "request-mismatch"> | undefined {
  if (request?.r !== r) return refusal("unknown-request");
  const same = request.amount === amount && equalBytes(request.challenge, challenge);
  return same ? undefined : refusal("request-mismatch");
}
