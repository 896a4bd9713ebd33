import {
  currency,
  institutionId,
  seconds,
  unwrap,
  type Seconds,
  type Currency,
} from "@bezant/protocol";
import {
  authority,
  certify,
  memoryRegister,
  requestCertification,
  selfSign,
  validityWithin,
  type Authority,
  type Certifiable,
} from "../../src/index.ts";
import { asyncNodeSigner, generatePrivateKey, nodeVerifier } from "../../src/node/index.ts";
import { tlsKey, type TlsIdentity } from "../../src/tls/index.ts";
import { keyIdentifiers, signX509 } from "../../src/x509/authority.ts";
import { SubjectAlternativeNameExtension } from "../../src/x509/library.ts";
import {
  certifyTls,
  memoryX509Register,
  requestTls,
  toPem,
  uriOf,
  x509Authority,
  x509Intermediary,
  x509Root,
  type Hosts,
  type InstitutionName,
  type X509Authority,
} from "../../src/x509/index.ts";

const EUR = currency("EUR");
const DAYS = 365;

/** What time it is: TLS asks the machine's clock and no other. */
export function machineTime(): Seconds {
  // oxlint-disable-next-line no-restricted-properties -- OpenSSL cannot be given another clock
  return seconds(Math.floor(Date.now() / 1000));
}

/** A central bank's or manufacturer's root with both of its certificates. */
export async function x509RootOf(
  role: "root" | "oem-root",
  id: string,
  { now = machineTime(), money = EUR }: { now?: Seconds; money?: Currency } = {},
): Promise<X509Authority> {
  const signer = asyncNodeSigner(generatePrivateKey());
  const validity = unwrap(validityWithin(undefined, now, 20 * DAYS));
  const name = { id: institutionId(id) };
  const claims =
    role === "root" ? ({ role, ...name, currency: money } as const) : ({ role, ...name } as const);
  const own = authority(await selfSign(claims, validity, signer), signer, memoryRegister());
  return x509Authority(own, await x509Root(own), memoryX509Register());
}

/** An institution certified on the payment path, not for TLS. */
export async function subordinate(
  issuer: Authority,
  role: Certifiable,
  id: string,
  now = machineTime(),
): Promise<Authority> {
  const signer = asyncNodeSigner(generatePrivateKey());
  const money = "currency" in issuer.claims ? issuer.claims.currency : EUR;
  const applicant = { role, sub: institutionId(id), currency: money };
  const request = await requestCertification(applicant, issuer.claims.sub, signer);
  const certificate = unwrap(await certify(issuer, request, nodeVerifier(), { now, days: DAYS }));
  return authority(certificate, signer, memoryRegister());
}

/** An intermediary with both of its certificates. */
export async function x509IntermediaryOf(
  root: X509Authority,
  id: string,
  now = machineTime(),
): Promise<X509Authority> {
  const own = await subordinate(root.authority, "intermediary", id, now);
  const certificate = unwrap(await x509Intermediary(root, own.certificate, now));
  return x509Authority(own, certificate, memoryX509Register());
}

export type Certified = TlsIdentity & { readonly der: Uint8Array };

/** A TLS key with the certificates that its issuer gives it. */
export async function tlsIdentity(
  issuer: X509Authority,
  name: InstitutionName,
  terms: { readonly now?: Seconds; readonly days?: number; readonly hosts?: Hosts } = {},
): Promise<Certified> {
  const { now = machineTime(), days = 30, hosts = {} } = terms;
  const key = generatePrivateKey();
  const request = await requestTls(name, asyncNodeSigner(key), hosts);
  const der = unwrap(await certifyTls(issuer, request, { now, days }));
  const above = issuer.authority.claims.role === "intermediary" ? [issuer.certificate] : [];
  return { key: tlsKey(key), certificate: toPem("CERTIFICATE", der, ...above), der };
}

/** What an issuer can sign that does not keep to the rules. */
export async function forge(issuer: X509Authority, name: InstitutionName): Promise<Certified> {
  const key = generatePrivateKey();
  const { signer, claims } = issuer.authority;
  const { publicKey } = asyncNodeSigner(key);
  const subject = { role: name.role, sub: name.id };
  const validity = { nbf: machineTime(), exp: claims.exp };
  const der = await signX509(
    { issuer: claims, subject, key: publicKey, serial: "01", validity, signer },
    [
      new SubjectAlternativeNameExtension([{ type: "url", value: uriOf(name) }]),
      ...keyIdentifiers(publicKey, signer.publicKey),
    ],
  );
  return { key: tlsKey(key), certificate: toPem("CERTIFICATE", der), der };
}

/** The institution that most tests talk to. */
export function provider(id: string): InstitutionName {
  return { id: institutionId(id), role: "provider", currency: EUR };
}
