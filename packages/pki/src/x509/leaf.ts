import {
  err,
  ok,
  publicKey,
  refusal,
  toHex,
  type PublicKey,
  type Refusal,
  type Result,
  type Seconds,
  type Signer,
} from "@bezant/protocol";
import { validityWithin } from "../authority/validity.ts";
import {
  asBuffer,
  distinguishedName,
  keyIdentifiers,
  signX509,
  type X509Authority,
} from "./authority.ts";
import {
  ALGORITHM,
  BasicConstraintsExtension,
  cryptoOf,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  Pkcs10CertificateRequest,
  Pkcs10CertificateRequestGenerator,
  PUBLIC_KEY,
  SIGNING_KEY,
  spkiOf,
  SubjectAlternativeNameExtension,
  type JsonGeneralName,
} from "./library.ts";
import { alternativeNames, nameIn, uriOf, type InstitutionName, type TlsRole } from "./names.ts";

/** Names under which a server can be reached, for software that checks them; institutions are known by their URI. */
export type Hosts = { readonly dns?: readonly string[]; readonly ip?: readonly string[] };

/** A PKCS #10 request (RFC 2986), DER, with proof of possession of the TLS key: never the key that signs messages. */
export async function requestTls(
  name: InstitutionName,
  signer: Signer,
  { dns = [], ip = [] }: Hosts = {},
): Promise<Uint8Array> {
  const names: JsonGeneralName[] = [
    { type: "url", value: uriOf(name) },
    ...dns.map((value) => ({ type: "dns", value }) as const),
    ...ip.map((value) => ({ type: "ip", value }) as const),
  ];
  const request = await Pkcs10CertificateRequestGenerator.create(
    {
      name: distinguishedName({ role: name.role, sub: name.id }),
      keys: { privateKey: SIGNING_KEY, publicKey: PUBLIC_KEY },
      signingAlgorithm: ALGORITHM,
      extensions: [new SubjectAlternativeNameExtension(names)],
    },
    cryptoOf(signer),
  );
  return new Uint8Array(request.rawData);
}

/** Whom each tier certifies for TLS: those directly below it that have a service. */
const BELOW: Readonly<Record<string, readonly TlsRole[]>> = {
  root: ["central-bank", "intermediary"],
  intermediary: ["provider"],
  "oem-root": ["manufacturer"],
};

export type CertifyTlsRefusal = Refusal<
  | "malformed"
  | "bad-key"
  | "wrong-role"
  | "wrong-currency"
  | "wrong-validity"
  | "bad-signature"
  | "not-certified"
>;

/**
 * Certifies a TLS key for an institution that this authority has certified and whose certificate is valid now, as server and as
 * client. The caller has vetted that the request comes from that institution.
 */
export async function certifyTls(
  issuer: X509Authority,
  request: Uint8Array,
  { now, days }: { readonly now: Seconds; readonly days: number },
): Promise<Result<Uint8Array, CertifyTlsRefusal>> {
  const read = readRequest(request);
  if (!read.ok) return read;
  const { name, key, names, parsed } = read.value;
  const refused = await refuseSubject(issuer, name, now);
  if (refused !== undefined) return err(refused);
  if (!(await isPossessed(parsed))) return err(refusal("bad-signature"));

  const { claims, signer } = issuer.authority;
  const validity = validityWithin(claims, now, days);
  if (!validity.ok) return validity;
  const certificate = await signX509(
    {
      issuer: claims,
      subject: { role: name.role, sub: name.id },
      key,
      serial: newSerial(),
      validity: validity.value,
      signer,
    },
    [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth, ExtendedKeyUsage.clientAuth]),
      new SubjectAlternativeNameExtension(names),
      ...keyIdentifiers(key, signer.publicKey),
    ],
  );
  await issuer.register.append({ certificate, at: now });
  return ok(certificate);
}

/** What a request asks for, without checking who made it. */
export function readRequest(bytes: Uint8Array): Result<
  {
    readonly name: InstitutionName;
    readonly key: PublicKey;
    readonly names: JsonGeneralName[];
    readonly parsed: Pkcs10CertificateRequest;
  },
  Refusal<"malformed" | "bad-key">
> {
  try {
    const parsed = new Pkcs10CertificateRequest(asBuffer(bytes));
    const name = nameIn(parsed);
    if (!name.ok) return err(refusal("malformed", name.error));
    const key = p256(new Uint8Array(parsed.publicKey.rawData));
    if (key === undefined) return err(refusal("bad-key"));
    const names = alternativeNames(parsed).filter(({ type }) =>
      ["url", "dns", "ip"].includes(type),
    );
    return ok({ name: name.value, key, names, parsed });
  } catch (error) {
    // The library throws for whatever is no request.
    return err(refusal("malformed", String(error)));
  }
}

/** Proof of possession. The library throws where the signature is of another kind than the key. */
async function isPossessed(request: Pkcs10CertificateRequest): Promise<boolean> {
  try {
    return await request.verify();
  } catch {
    return false;
  }
}

async function refuseSubject(
  { authority: { claims, register } }: X509Authority,
  { id, role, currency }: InstitutionName,
  now: Seconds,
): Promise<CertifyTlsRefusal | undefined> {
  if (BELOW[claims.role]?.includes(role) !== true) {
    return refusal("wrong-role", `a ${claims.role} does not certify a ${role}`);
  }
  if (currency !== ("currency" in claims ? claims.currency : undefined))
    return refusal("wrong-currency");
  if (role === "manufacturer") return id === claims.sub ? undefined : refusal("not-certified");
  const known = (await register.entries()).some(({ claims: issued }) => {
    const as: string = issued.role;
    return "sub" in issued && as === role && issued.sub === id && issued.exp >= now;
  });
  return known ? undefined : refusal("not-certified");
}

/** The point of a SubjectPublicKeyInfo; undefined for any other kind of key, or form of this one. */
function p256(spki: Uint8Array): PublicKey | undefined {
  const key = publicKey(spki.slice(-64, -32), spki.slice(-32));
  return key.ok && toHex(spkiOf(key.value)) === toHex(spki) ? key.value : undefined;
}

/** 16 random bytes, positive and not zero (RFC 5280 §4.1.2.2). */
function newSerial(): string {
  const bytes = globalThis.crypto.getRandomValues(new Uint8Array(16));
  return toHex(Uint8Array.of(0x40 | ((bytes[0] ?? 0) & 0x3f), ...bytes.subarray(1)));
}
