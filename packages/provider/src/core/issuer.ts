import {
  parseCertificate,
  seconds,
  signCertificateAsync,
  unwrap,
  type CompressedKey,
  type Seconds,
  type SecurityLevel,
  type Signer,
  type TaClaims,
  type WalletClaims,
} from "@bezant/protocol";
import type { Identity } from "./parts.ts";

/** Who gets a certificate, and from when. */
export interface Subject {
  readonly key: CompressedKey;
  readonly serial: number;
  readonly now: Seconds;
}

export interface TaSubject extends Subject {
  readonly securityLevel: SecurityLevel;
  readonly limitsProfile: number;
}

/** Issues the certificates of a provider's wallets and TAs. */
export interface CertificateIssuer {
  readonly wallet: (subject: Subject) => Promise<Uint8Array>;
  readonly ta: (subject: TaSubject) => Promise<Uint8Array>;
}

export interface Validity {
  readonly walletValidity: number;
  readonly taValidity: number;
}

/** Issues under the provider's own certificate: nothing is valid before or after it. */
export function certificateIssuer(
  identity: Identity,
  signer: Signer,
  { walletValidity, taValidity }: Validity,
): CertificateIssuer {
  const issuer = unwrap(parseCertificate(identity.chain[0])).claims;
  const common = ({ key, serial, now }: Subject, validity: number) => ({
    iss: identity.id,
    currency: identity.currency,
    key,
    serial,
    nbf: seconds(Math.max(now, issuer.nbf)),
    exp: seconds(Math.min(now + validity, issuer.exp)),
  });
  return {
    wallet: (subject) => {
      const claims: WalletClaims = { role: "wallet", ...common(subject, walletValidity) };
      return signCertificateAsync(claims, signer);
    },
    ta: (subject) => {
      const { securityLevel, limitsProfile } = subject;
      const own = { role: "ta", securityLevel, limitsProfile } as const;
      const claims: TaClaims = { ...own, ...common(subject, taValidity) };
      return signCertificateAsync(claims, signer);
    },
  };
}
