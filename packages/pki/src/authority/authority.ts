import {
  parseCertificate,
  unwrap,
  type Claims,
  type Currency,
  type InstitutionId,
  type OemRootClaims,
  type InstitutionClaims,
  type Seconds,
  type Signer,
  signCertificateAsync,
} from "@bezant/protocol";
import type { Register } from "./register.ts";
import type { Validity } from "./validity.ts";

/** Roles that issue certificates. */
export type IssuingRole = "root" | "intermediary" | "provider" | "oem-root";
export type IssuerClaims = InstitutionClaims | OemRootClaims;

/** Whoever issues certificates: its own certificate, its key behind a signer, and the register of what it issued. */
export type Authority = {
  readonly certificate: Uint8Array;
  readonly claims: IssuerClaims;
  readonly signer: Signer;
  readonly register: Register;
};

/** An authority from its parts. A certificate that is not this signer's is a bug of the caller and throws. */
export function authority(certificate: Uint8Array, signer: Signer, register: Register): Authority {
  const { claims } = unwrap(parseCertificate(certificate));
  if (!isIssuer(claims)) throw new TypeError(`a ${claims.role} issues no certificates`);
  if (claims.key !== signer.publicKey.compressed) throw new TypeError("the key is another one");
  return { certificate, claims, signer, register };
}

function isIssuer(claims: Claims): claims is IssuerClaims {
  return "sub" in claims;
}

/** The self-signed certificate of a central bank root or an OEM root; what others pin is its key. */
export async function selfSign(
  root:
    | { readonly role: "root"; readonly id: InstitutionId; readonly currency: Currency }
    | { readonly role: "oem-root"; readonly id: InstitutionId },
  validity: Validity,
  signer: Signer,
): Promise<Uint8Array> {
  const { id, ...rest } = root;
  const key = signer.publicKey.compressed;
  return signCertificateAsync({ ...rest, iss: id, sub: id, ...validity, key, serial: 1 }, signer);
}

/** Signs a certificate and enters it into the register before anybody sees it. */
export async function issue(issuer: Authority, claims: Claims, at: Seconds): Promise<Uint8Array> {
  const certificate = await signCertificateAsync(claims, issuer.signer);
  await issuer.register.append({ certificate, claims, at });
  return certificate;
}
