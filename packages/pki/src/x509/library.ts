// The library finds its parts by decorators, which need this first.
import "reflect-metadata";
import type { PublicKey, Signer } from "@bezant/protocol";

export {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  Extension,
  KeyUsageFlags,
  KeyUsagesExtension,
  Pkcs10CertificateRequest,
  Pkcs10CertificateRequestGenerator,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
  X509CrlGenerator,
  type JsonGeneralName,
} from "@peculiar/x509";

/** ECDSA with SHA-256 on P-256, as WebCrypto names it. */
export const ALGORITHM = { name: "ECDSA", hash: "SHA-256", namedCurve: "P-256" } as const;

// What the library takes for keys. The private one stays behind its signer.
export const SIGNING_KEY = { algorithm: ALGORITHM, type: "private" } as unknown as CryptoKey;
export const PUBLIC_KEY = { algorithm: ALGORITHM, type: "public" } as unknown as CryptoKey;

/**
 * WebCrypto with one key: what the library asks of it goes to the signer, which may be a hardware module. X.509 takes
 * either half of `s`, so the low one is right here too.
 */
export function cryptoOf(signer: Signer): Crypto {
  const provided = {
    getRandomValues: (array: Uint8Array<ArrayBuffer>) => globalThis.crypto.getRandomValues(array),
    subtle: {
      sign: (_algorithm: unknown, _key: unknown, data: ArrayBuffer) =>
        signer.sign(new Uint8Array(data)),
      exportKey: () => Promise.resolve(spkiOf(signer.publicKey)),
    },
  };
  return provided as unknown as Crypto;
}

/** SubjectPublicKeyInfo of P-256 (RFC 5480 §2) up to its point, uncompressed, as RFC 5480 wants all to read it. */
const SPKI_PREFIX = "3059301306072a8648ce3d020106082a8648ce3d03010703420004";

export function spkiOf({ x, y }: PublicKey): Uint8Array<ArrayBuffer> {
  const prefix = Uint8Array.from(SPKI_PREFIX.match(/../g) ?? [], (digits) => Number(`0x${digits}`));
  const spki = new Uint8Array(prefix.length + 64);
  spki.set(prefix);
  spki.set(x, prefix.length);
  spki.set(y, prefix.length + 32);
  return spki;
}
