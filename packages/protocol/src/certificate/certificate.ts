import { decompress, type CompressedKey, type PublicKey } from "../cose/key.ts";
import { MAX_CERTIFICATE } from "../cose/sign1.ts";
import { deviceIdOf, taIdOf, walletIdOf } from "../cose/thumbprint.ts";
import type { SignatureCheck, Signer, SyncSigner } from "../crypto.ts";
import { refusal, type Refusal } from "../errors.ts";
import type { DeviceId, InstitutionId, KeyId, TaId, WalletId } from "../ids.ts";
import {
  defineMessage,
  type Context,
  type Parsed,
  type ParseRefusal,
} from "../messages/message.ts";
import { err, ok, type Result } from "../result.ts";
import { claims, type Claims, type Role } from "./claims.ts";

/** A CWT in COSE_Sign1, always with the `kid` of its issuer's key. */
export const certificate = defineMessage({
  typ: 65_000,
  name: "certificate",
  signedBy: "institution",
  payload: claims,
});

/** A certificate whose form and key are right. Who signed it, and whether it is valid, `certVerify` says. */
export type Certificate<C extends Claims = Claims> = {
  readonly bytes: Uint8Array;
  readonly claims: C;
  /** The key of `claims`, a point of the curve. */
  readonly key: PublicKey;
  /** Hint for the issuer's key. */
  readonly kid: KeyId;
  readonly parsed: Parsed<C>;
};

export type CertificateRefusal = ParseRefusal | Refusal<"bad-key">;

/** Reads a certificate from anybody: rule 1 of CertVerify (§4.3). Verifies nothing. Costs a square root. */
export function parseCertificate(bytes: Uint8Array): Result<Certificate, CertificateRefusal> {
  if (bytes.length > MAX_CERTIFICATE) return err(refusal("malformed", "certificate too large"));
  const parsed = certificate.parse(bytes);
  if (!parsed.ok) return parsed;
  const { kid, certificate: kcwt, chain, payload } = parsed.value;
  if (kid === undefined || kcwt !== undefined || chain !== undefined) {
    return err(refusal("malformed", "a certificate's unprotected header is empty"));
  }
  const key = decompress(payload.key);
  if (!key.ok) return err(refusal("bad-key"));
  return ok({ bytes, claims: payload, key: key.value, kid, parsed: parsed.value });
}

/** The issuer's signature binds the currency and the issuer's id; anybody may rely on it (§4.2). */
export function certificateContext(subject: Claims): Context {
  const currency = "currency" in subject ? subject.currency : "";
  return { currency, home: "", signer: subject.iss, audience: "" };
}

export function signCertificate(subject: Claims, issuer: SyncSigner): Uint8Array {
  return certificate.sign(subject, certificateContext(subject), issuer);
}

export function signCertificateAsync(subject: Claims, issuer: Signer): Promise<Uint8Array> {
  return certificate.signAsync(subject, certificateContext(subject), issuer);
}

/** What has to hold for the certificate to be the issuer's. */
export function certificateCheck(
  { claims: subject, parsed }: Certificate,
  issuerKey: CompressedKey,
): SignatureCheck {
  return certificate.signatureCheck(parsed, certificateContext(subject), issuerKey);
}

/** What the id of a role's subject is. */
export type IdOf<R extends Role> = R extends "ta"
  ? TaId
  : R extends "wallet"
    ? WalletId
    : R extends "device"
      ? DeviceId
      : InstitutionId;

/** The subject's id: its name, or what follows from its key. */
export function subjectId<C extends Claims>({
  claims: subject,
  key,
}: Certificate<C>): IdOf<C["role"]> {
  return idOf(subject, key) as IdOf<C["role"]>;
}

function idOf(subject: Claims, key: PublicKey): string {
  switch (subject.role) {
    case "ta":
      return taIdOf(key);
    case "wallet":
      return walletIdOf(subject.iss, key);
    case "device":
      return deviceIdOf(key);
    default:
      return subject.sub;
  }
}
