import type { Brand } from "../brand.ts";
import { certVerify, type CertRefusal, type Certified } from "../certificate/cert-verify.ts";
import { refusal, type Refusal } from "../errors.ts";
import { payeeToAnybody } from "../messages/contexts.ts";
import { paymentRequest, type PaymentRequest } from "../messages/payment-request.ts";
import { err, ok, type Result } from "../result.ts";
import { andThen, type Pending } from "./checks.ts";
import type { Trust } from "./pay-verify.ts";

/** A request that really comes from the payee that its certificate names. */
export type VerifiedRequest = Brand<
  {
    readonly request: PaymentRequest;
    readonly payee: Certified<"ta" | "wallet">;
    readonly bytes: Uint8Array;
  },
  "VerifiedRequest"
>;

export type RequestRefusal = CertRefusal | Refusal<"missing-certificate" | "request-expired">;

/** Checks a request for payment (§8), by whoever is asked to pay. */
export function requestVerify(
  bytes: Uint8Array,
  { trust, now, leaves }: Trust,
): Result<Pending<VerifiedRequest>, RequestRefusal> {
  const parsed = paymentRequest.parse(bytes);
  if (!parsed.ok) return parsed;
  const { payload: request, certificate, chain } = parsed.value;
  if (certificate === undefined) return err(refusal("missing-certificate"));
  const roles = ["ta", "wallet"] as const;
  const leaf = certVerify({ certificate, chain, trust, roles, now, leaves });
  if (!leaf.ok) return leaf;
  if (request.expires !== undefined && now > request.expires)
    return err(refusal("request-expired"));

  const { id, claims } = leaf.value.claimed;
  const context = payeeToAnybody({ currency: trust.currency, home: claims.iss, payee: id });
  const check = paymentRequest.signatureCheck(parsed.value, context, claims.key);
  return ok(
    andThen(leaf.value, [check], (payee) => ({ request, payee, bytes }) as VerifiedRequest),
  );
}
