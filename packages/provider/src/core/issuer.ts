import {
  err,
  ok,
  parseCertificate,
  refusal,
  seconds,
  signCertificateAsync,
  unwrap,
  type CompressedKey,
  type Refusal,
  type Result,
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
  /** In the status list. */
  readonly statusIndex: number;
}

export interface TaSubject extends Subject {
  readonly securityLevel: SecurityLevel;
  readonly limitsProfile: number;
}

/** The provider's own certificate has ended: it has to be renewed before anybody else's. */
export type IssueRefusal = Refusal<"unavailable">;

/** Issues the certificates of a provider's wallets and TAs. */
export interface CertificateIssuer {
  readonly wallet: (subject: Subject) => Promise<Result<Uint8Array, IssueRefusal>>;
  readonly ta: (subject: TaSubject) => Promise<Result<Uint8Array, IssueRefusal>>;
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
  const common = ({ key, serial, now, statusIndex }: Subject, validity: number) => ({
    iss: identity.id,
    currency: identity.currency,
    key,
    serial,
    statusIndex,
    nbf: seconds(Math.max(now, issuer.nbf)),
    exp: seconds(Math.min(now + validity, issuer.exp)),
  });
  const issue = async (
    subject: Subject,
    claims: WalletClaims | TaClaims,
  ): Promise<Result<Uint8Array, IssueRefusal>> =>
    subject.now > issuer.exp
      ? err(refusal("unavailable", "the provider's certificate has ended"))
      : ok(await signCertificateAsync(claims, signer));
  return {
    wallet: (subject) => issue(subject, { role: "wallet", ...common(subject, walletValidity) }),
    ta: (subject) => {
      const { securityLevel, limitsProfile } = subject;
      const own = { role: "ta", securityLevel, limitsProfile } as const;
      return issue(subject, { ...own, ...common(subject, taValidity) });
    },
  };
}
