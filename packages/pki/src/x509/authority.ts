import {
  decompress,
  err,
  ok,
  refusal,
  thumbprint,
  toHex,
  unwrap,
  type Claims,
  type PublicKey,
  type Refusal,
  type Result,
  type Seconds,
  type Signer,
} from "@bezant/protocol";
import type { Authority, IssuerClaims } from "../authority/authority.ts";
import { certificateHash } from "../authority/register.ts";
import type { Validity } from "../authority/validity.ts";
import { onlyUrisIn } from "./constraints.ts";
import {
  ALGORITHM,
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  cryptoOf,
  KeyUsageFlags,
  KeyUsagesExtension,
  SIGNING_KEY,
  spkiOf,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
  type Extension,
} from "./library.ts";
import { domainOf, uriOf } from "./names.ts";
import type { X509Register } from "./register.ts";

/**
 * An authority that also certifies TLS keys: the same key, the same ceremony, a second certificate in X.509. What it signs
 * begins with 0x30 there and with 0x84 in COSE, so neither kind of signature can be taken for the other.
 */
export type X509Authority = {
  readonly authority: Authority;
  /** Its own CA certificate, DER. */
  readonly certificate: Uint8Array;
  readonly register: X509Register;
};

/** The self-signed CA certificate of a root: this is what TLS peers pin. */
export async function x509Root({ claims, signer }: Authority): Promise<Uint8Array> {
  const key = signer.publicKey;
  return signX509(
    { issuer: claims, subject: claims, key, serial: serialOf(key), validity: claims, signer },
    // A central bank root stands above intermediaries and their institutions, a manufacturer's only above itself.
    caExtensions(key, key, {
      pathLength: claims.role === "root" ? 1 : 0,
      domain: domainBelow(claims),
    }),
  );
}

/** The CA certificate of an intermediary, for the key and validity of the certificate that this root gave it. */
export async function x509Intermediary(
  { authority, register }: X509Authority,
  certificate: Uint8Array,
  at: Seconds,
): Promise<Result<Uint8Array, Refusal<"wrong-role" | "not-certified">>> {
  const issued = (await authority.register.entries()).find(
    (entry) => toHex(entry.certificate) === toHex(certificate),
  );
  if (issued === undefined) return err(refusal("not-certified"));
  const { claims, signer } = authority;
  const subject = issued.claims;
  if (claims.role !== "root" || subject.role !== "intermediary") return err(refusal("wrong-role"));
  const key = unwrap(decompress(subject.key));
  const serial = `00${certificateHash(certificate).slice(0, 32)}`;
  const signed = await signX509(
    { issuer: claims, subject, key, serial, validity: subject, signer },
    caExtensions(key, signer.publicKey, { pathLength: 0, domain: domainBelow(subject) }),
  );
  await register.append({ certificate: signed, at });
  return ok(signed);
}

/** An X.509 authority from its parts. A certificate for another key is a bug of the caller and throws. */
export function x509Authority(
  authority: Authority,
  certificate: Uint8Array,
  register: X509Register,
): X509Authority {
  if (!isCertificateFor(certificate, authority.signer.publicKey))
    throw new TypeError("the key is another one");
  return { authority, certificate, register };
}

/** Whether these bytes are an X.509 certificate for this key. */
export function isCertificateFor(certificate: Uint8Array, key: PublicKey): boolean {
  try {
    const { publicKey } = new X509Certificate(asBuffer(certificate));
    return toHex(new Uint8Array(publicKey.rawData)) === toHex(spkiOf(key));
  } catch {
    // The library throws for whatever is no certificate.
    return false;
  }
}

/** Where the names lie that this issuer may certify for TLS. */
function domainBelow(claims: Claims): string {
  switch (claims.role) {
    case "root":
      return domainOf(undefined, claims.currency);
    case "intermediary":
      return domainOf("provider", claims.currency);
    case "oem-root":
      // Its own name and no other.
      return new URL(uriOf({ id: claims.sub, role: "manufacturer" })).host;
    default:
      throw new TypeError(`a ${claims.role} certifies no TLS keys`);
  }
}

function caExtensions(
  key: PublicKey,
  issuer: PublicKey,
  { pathLength, domain }: { readonly pathLength: number; readonly domain: string },
): Extension[] {
  return [
    new BasicConstraintsExtension(true, pathLength, true),
    new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
    onlyUrisIn(domain),
    ...keyIdentifiers(key, issuer),
  ];
}

/** The first 20 bytes of the thumbprint (RFC 9679), of which the key id is the beginning: one name in both formats. */
export function keyIdentifiers(key: PublicKey, issuer: PublicKey): Extension[] {
  return [
    new SubjectKeyIdentifierExtension(identifierOf(key)),
    new AuthorityKeyIdentifierExtension(identifierOf(issuer)),
  ];
}

function identifierOf(key: PublicKey): string {
  return toHex(thumbprint(key).subarray(0, 20));
}

function serialOf(key: PublicKey): string {
  return `00${identifierOf(key).slice(0, 32)}`;
}

export type ToSign = {
  readonly issuer: IssuerClaims;
  readonly subject: { readonly role: string; readonly sub: string };
  readonly key: PublicKey;
  /** Hexadecimal, positive. */
  readonly serial: string;
  readonly validity: Validity;
  readonly signer: Signer;
};

/** One X.509 v3 certificate, DER. */
export async function signX509(
  { issuer, subject, key, serial, validity, signer }: ToSign,
  extensions: Extension[],
): Promise<Uint8Array> {
  const certificate = await X509CertificateGenerator.create(
    {
      serialNumber: serial,
      issuer: distinguishedName(issuer),
      subject: distinguishedName(subject),
      notBefore: new Date(validity.nbf * 1000),
      notAfter: new Date(validity.exp * 1000),
      publicKey: spkiOf(key),
      signingKey: SIGNING_KEY,
      signingAlgorithm: ALGORITHM,
      extensions,
    },
    cryptoOf(signer),
  );
  return new Uint8Array(certificate.rawData);
}

/** For people who look at the certificate; what counts is the URI. */
export function distinguishedName({
  sub,
  role,
}: ToSign["subject"]): { [type: string]: string[] }[] {
  return [{ OU: [role] }, { CN: [sub] }];
}

/** The library takes no bytes that may be shared memory. */
export function asBuffer(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(bytes);
}
