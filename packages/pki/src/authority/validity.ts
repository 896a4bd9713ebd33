import {
  err,
  ok,
  refusal,
  seconds,
  type Refusal,
  type Result,
  type Seconds,
} from "@bezant/protocol";

export type Validity = { readonly nbf: Seconds; readonly exp: Seconds };

const DAY = 86_400;

/**
 * `days` from now on, cut off where the issuer's own validity ends: CertVerify refuses a certificate that outlives its
 * issuer (protocol document §4.3). Nothing left of it is a refusal: the issuer has to renew first.
 */
export function validityWithin(
  issuer: Validity | undefined,
  now: Seconds,
  days: number,
): Result<Validity, Refusal<"wrong-validity">> {
  const wanted = now + Math.round(days * DAY) - 1;
  const exp = Math.min(wanted, issuer?.exp ?? 0xffff_ffff);
  const nbf = Math.max(now, issuer?.nbf ?? 0);
  if (exp < nbf) return err(refusal("wrong-validity", "the issuer's certificate ends first"));
  return ok({ nbf: seconds(nbf), exp: seconds(exp) });
}
