import {
  certificationRequest,
  err,
  ok,
  refusal,
  type Claims,
  type CompressedKey,
  type Currency,
  type InstitutionId,
  type Refusal,
  type Result,
  type Seconds,
  type SecurityLevel,
  type Signer,
  type Verifier,
  verifySignature,
} from "@bezant/protocol";
import { issue, type Authority } from "./authority.ts";
import { firstNbf, nextSerial, subjectOf } from "./register.ts";
import { refuseSubject } from "./uniqueness.ts";
import { validityWithin } from "./validity.ts";

/** What an institution asks to be certified as. */
export type Certifiable = "intermediary" | "provider" | "central-bank";
export type Applicant = {
  readonly role: Certifiable;
  readonly sub: InstitutionId;
  readonly currency: Currency;
};

/** A request to `issuer`, with proof that the applicant holds the key. */
export function requestCertification(
  applicant: Applicant,
  issuer: InstitutionId,
  signer: Signer,
): Promise<Uint8Array> {
  const payload = { ...applicant, key: signer.publicKey.compressed };
  return certificationRequest.signAsync(payload, context(applicant, issuer), signer);
}

export type CertifyRefusal = Refusal<
  | "malformed"
  | "wrong-type"
  | "unsupported-algorithm"
  | "wrong-role"
  | "wrong-currency"
  | "wrong-validity"
  | "bad-signature"
  | "id-taken"
  | "key-revoked"
>;

/** Which role each tier certifies by request; wallets, TAs and devices are certified by their own protocols. */
const BELOW: Readonly<Partial<Record<Claims["role"], readonly Certifiable[]>>> = {
  root: ["intermediary", "central-bank"],
  intermediary: ["provider"],
};

export type Terms = {
  readonly now: Seconds;
  readonly days: number;
  /** This id may get a second key, and the first one stays valid for its time: two officers' decision, no default. */
  readonly rollover?: boolean;
};

/**
 * Certifies the institution behind a request, for `days` or as long as the issuer itself is valid. The caller has
 * vetted that the name is the applicant's: cryptography can only show that the key is.
 */
export async function certify(
  issuer: Authority,
  request: Uint8Array,
  verifier: Verifier,
  terms: Terms,
): Promise<Result<Uint8Array, CertifyRefusal>> {
  const parsed = certificationRequest.parse(request);
  if (!parsed.ok) return parsed;
  const { role, sub, currency, key } = parsed.value.payload;
  const { claims } = issuer;

  // Each tier signs only the role directly below it.
  if (BELOW[claims.role]?.includes(role) !== true) {
    return err(refusal("wrong-role", `a ${claims.role} does not certify a ${role}`));
  }
  // The service is the central bank itself; no other institution has its id.
  if ((role === "central-bank") !== (sub === claims.sub)) {
    return err(
      refusal("wrong-role", `${sub} is ${claims.sub === sub ? "" : "not "}the issuer's id`),
    );
  }
  // Nobody issues in another currency than its own.
  if (!("currency" in claims) || claims.currency !== currency)
    return err(refusal("wrong-currency"));
  // The applicant holds the key, and made the request for this issuer.
  const binding = context({ role, sub, currency }, claims.sub);
  const check = certificationRequest.signatureCheck(parsed.value, binding, key);
  if (!verifySignature(check, verifier)) return err(refusal("bad-signature"));

  const { rollover = false } = terms;
  const refused = await refuseSubject(issuer.register, { role, sub, key }, { rollover });
  if (refused !== undefined) return err(refused);

  const validity = validityWithin(claims, terms.now, terms.days);
  if (!validity.ok) return validity;
  const subject = { role, iss: claims.sub, sub, currency, key, ...validity.value, serial: 1 };
  const serial = await nextSerial(issuer.register, subjectOf(subject));
  // A renewal for the same key keeps nbf, so that what was issued under the earlier certificate stays within (§4.3).
  const nbf = (await firstNbf(issuer.register, key)) ?? subject.nbf;
  return ok(await issue(issuer, { ...subject, nbf, serial }, terms.now));
}

/** Certifies a device's key under an OEM root: the manufacturer put the key there itself, so there is no request. */
export async function certifyDevice(
  oem: Authority,
  device: { readonly key: CompressedKey; readonly securityLevel: SecurityLevel },
  terms: { readonly now: Seconds; readonly days: number },
): Promise<Result<Uint8Array, Refusal<"wrong-role" | "wrong-validity">>> {
  if (oem.claims.role !== "oem-root") return err(refusal("wrong-role"));
  const validity = validityWithin(oem.claims, terms.now, terms.days);
  if (!validity.ok) return validity;
  const subject = { role: "device", iss: oem.claims.sub, ...device, ...validity.value } as const;
  const serial = await nextSerial(oem.register, subjectOf({ ...subject, serial: 1 }));
  return ok(await issue(oem, { ...subject, serial }, terms.now));
}

function context({ sub, currency }: Applicant, issuer: InstitutionId) {
  return { currency, home: "", signer: sub, audience: issuer } as const;
}
