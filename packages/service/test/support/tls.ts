import {
  authority,
  certify,
  memoryRegister,
  requestCertification,
  selfSign,
  validityWithin,
  type Authority,
  type Certifiable,
} from "@bezant/pki";
import { asyncNodeSigner, generatePrivateKey, nodeVerifier } from "@bezant/pki/node";
import { tlsKey, type TlsSettings } from "@bezant/pki/tls";
import {
  certifyTls,
  memoryX509Register,
  requestTls,
  toPem,
  x509Authority,
  x509Intermediary,
  x509Root,
  type InstitutionName,
  type X509Authority,
} from "@bezant/pki/x509";
import { currency, institutionId, unwrap } from "@bezant/protocol";
import { machineClock } from "../../src/server/index.ts";

const EUR = currency("EUR");

/** Who institutions of EUR are on TLS: a central bank `cb`, a manufacturer `oem`, and providers. They trust both roots. */
export interface TestTls {
  readonly centralBank: TlsSettings;
  readonly manufacturer: TlsSettings;
  readonly provider: (id: string) => Promise<TlsSettings>;
}

/** TLS looks at the machine's clock, so these certificates are of today, whatever a test's own clock says. */
export async function foundTls(): Promise<TestTls> {
  const now = machineClock.now();
  const self = { role: "root", id: institutionId("cb"), currency: EUR } as const;
  const root = await rooted(self);
  const oem = await rooted({ role: "oem-root", id: institutionId("oem") });
  await below(root.authority, "central-bank", "cb");
  const own = await below(root.authority, "intermediary", "bank");
  const certificate = unwrap(await x509Intermediary(root, own.certificate, now));
  const bank = x509Authority(own, certificate, memoryX509Register());
  const trust = { roots: [root, oem].map((one) => toPem("CERTIFICATE", one.certificate)) };

  const settings = async (
    issuer: X509Authority,
    name: InstitutionName,
    ...between: Uint8Array[]
  ): Promise<TlsSettings> => {
    const key = generatePrivateKey();
    const request = await requestTls(name, asyncNodeSigner(key), {});
    const leaf = unwrap(await certifyTls(issuer, request, { now, days: 30 }));
    const identity = { key: tlsKey(key), certificate: toPem("CERTIFICATE", leaf, ...between) };
    return { own: identity, trust };
  };
  return {
    centralBank: await settings(root, { role: "central-bank", id: self.id, currency: EUR }),
    manufacturer: await settings(oem, { role: "manufacturer", id: institutionId("oem") }),
    provider: async (id) => {
      await below(own, "provider", id);
      const name = { role: "provider", id: institutionId(id), currency: EUR } as const;
      return settings(bank, name, certificate);
    },
  };
}

export async function rooted(subject: Parameters<typeof selfSign>[0]): Promise<X509Authority> {
  const signer = asyncNodeSigner(generatePrivateKey());
  const validity = unwrap(validityWithin(undefined, machineClock.now(), 365));
  const own = authority(await selfSign(subject, validity, signer), signer, memoryRegister());
  return x509Authority(own, await x509Root(own), memoryX509Register());
}

export async function below(issuer: Authority, role: Certifiable, id: string): Promise<Authority> {
  const signer = asyncNodeSigner(generatePrivateKey());
  const applicant = { role, sub: institutionId(id), currency: EUR };
  const request = await requestCertification(applicant, issuer.claims.sub, signer);
  const terms = { now: machineClock.now(), days: 100 };
  const certificate = unwrap(await certify(issuer, request, nodeVerifier(), terms));
  return authority(certificate, signer, memoryRegister());
}
