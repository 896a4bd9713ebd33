import { checkPath, checkSigner, pathSignatures } from "../certificate/path.ts";
import { parseCertificate } from "../certificate/certificate.ts";
import type { VerifiedInstitutionStatus } from "../certificate/revoked-keys.ts";
import type { CertRefusal } from "../certificate/cert-verify.ts";
import type { CompressedKey } from "../cose/key.ts";
import { keyIdOf } from "../cose/thumbprint.ts";
import type { SignatureCheck } from "../crypto.ts";
import { refusal, type Refusal } from "../errors.ts";
import type { InstitutionId } from "../ids.ts";
import { institutionToAnybody } from "../messages/contexts.ts";
import type { Parsed } from "../messages/message.ts";
import { institutionStatus, type InstitutionStatus } from "../messages/institution-status.ts";
import { err, ok, type Result } from "../result.ts";
import { pending, type Pending } from "./checks.ts";
import type { Trust } from "./pay-verify.ts";

export type InstitutionStatusRefusal = CertRefusal | Refusal<"missing-certificate">;

/** A status list of institutions (§16.3), of the pinned root or of the intermediary whose certificate is attached. */
export function institutionStatusVerify(
  bytes: Uint8Array,
  { trust, now }: Trust,
): Result<Pending<VerifiedInstitutionStatus>, CertRefusal | Refusal<"missing-certificate">> {
  const parsed = institutionStatus.parse(bytes);
  if (!parsed.ok) return parsed;
  const signer = signerOf(parsed.value, { trust, now });
  if (!signer.ok) return signer;
  const { id, key, checks } = signer.value;
  const context = institutionToAnybody({ currency: trust.currency, institution: id });
  const check = institutionStatus.signatureCheck(parsed.value, context, key);
  const { payload: list, kid } = parsed.value;
  const known = { issuer: id, ofRoot: kid === trust.rootKid, list, bytes };
  return ok(pending([...checks, check], () => known as VerifiedInstitutionStatus));
}

type Issuer = {
  readonly id: InstitutionId;
  readonly key: CompressedKey;
  readonly checks: readonly SignatureCheck[];
};

function signerOf(
  { kid, certificate }: Parsed<InstitutionStatus>,
  { trust, now }: Trust,
): Result<Issuer, CertRefusal | Refusal<"missing-certificate">> {
  const { root, rootKid } = trust;
  if (kid === rootKid) {
    // Whoever pins the key alone does not know for whom it signs.
    if (root.id === undefined) return err(refusal("unknown-issuer"));
    return ok({ id: root.id, key: root.key.compressed, checks: [] });
  }
  if (certificate === undefined) return err(refusal("missing-certificate"));
  const attached = parseCertificate(certificate);
  if (!attached.ok) return attached;
  const path = [{ certificate: attached.value, roles: ["intermediary"] }] as const;
  const refused = checkPath(path, trust, { now }) ?? checkSigner(attached.value, trust);
  if (refused !== undefined) return err(refused);
  const { claims, key } = attached.value;
  if (claims.role !== "intermediary" || keyIdOf(key) !== kid) return err(refusal("unknown-issuer"));
  return ok({ id: claims.sub, key: claims.key, checks: pathSignatures(path, root) });
}
