import { constants } from "node:crypto";
import { createSecureContext, type SecureContextOptions } from "node:tls";

/** Who this process is on TLS. */
export type TlsIdentity = {
  /** The TLS key, PEM, as `tlsKey` makes it. */
  readonly key: string;
  /** Its certificate and the issuers' up to the root, without the root; PEM. */
  readonly certificate: string;
};

/** Whom it believes. */
export type TlsTrust = {
  /** CA certificates of the pinned roots: the central bank's, and those of manufacturers; PEM. */
  readonly roots: readonly string[];
  /**
   * Revocation lists, PEM. If there is one, then there has to be a current one of every issuer on a peer's path, or the peer is
   * refused: a list that could be withheld would protect nobody.
   */
  readonly revocationLists?: readonly string[] | undefined;
};

/** TLS 1.3 alone, both sides with a certificate, every connection checked anew: no session is ever resumed. */
export function contextOf(own: TlsIdentity, trust: TlsTrust): SecureContextOptions {
  const { roots, revocationLists = [] } = trust;
  return {
    key: own.key,
    cert: own.certificate,
    ca: [...roots],
    ...(revocationLists.length === 0 ? {} : { crl: [...revocationLists] }),
    minVersion: "TLSv1.3",
    secureOptions: constants.SSL_OP_NO_TICKET,
  };
}

/** Whether a connection can be made with these at all: that everything is PEM of its kind. */
export function isUsable(own: TlsIdentity, trust: TlsTrust): boolean {
  try {
    createSecureContext(contextOf(own, trust));
    return true;
  } catch {
    return false;
  }
}
