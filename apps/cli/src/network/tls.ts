import type { Authority } from "@bezant/pki";
import { writeCaCertificate, writeTlsCertificates, x509Register } from "@bezant/pki/tls";
import {
  certifyTls,
  requestTls,
  x509Authority,
  x509Intermediary,
  x509Root,
  type InstitutionName,
  type X509Authority,
} from "@bezant/pki/x509";
import { unwrap, type Seconds, type Signer } from "@bezant/protocol";
import type { Layout } from "./layout.ts";

const TLS_DAYS = 90;

type Parts = {
  readonly layout: Layout;
  readonly root: Authority;
  readonly intermediary: Authority;
  readonly now: Seconds;
  /** Makes a key in a folder, encrypted. */
  readonly newKey: (folder: string) => Promise<Signer>;
};

/** The X.509 side of the same hierarchy: the root certifies the central bank's TLS key, the intermediary those of providers. */
export async function foundTls({ layout, root, intermediary, now, newKey }: Parts) {
  const rootCertificate = await x509Root(root);
  await writeCaCertificate(layout.root, rootCertificate);
  const above = x509Authority(root, rootCertificate, x509Register(layout.root));
  const certificate = unwrap(await x509Intermediary(above, intermediary.certificate, now));
  await writeCaCertificate(layout.intermediary, certificate);
  const below = x509Authority(intermediary, certificate, x509Register(layout.intermediary));
  const certify = async (
    folder: string,
    name: InstitutionName,
    issuer: X509Authority,
    between: readonly Uint8Array[],
  ): Promise<void> => {
    const request = await requestTls(name, await newKey(folder), {});
    const own = unwrap(await certifyTls(issuer, request, { now, days: TLS_DAYS }));
    await writeTlsCertificates(folder, [own, ...between]);
  };
  return {
    /** Makes an institution's TLS key, and has it certified. */
    certify: (folder: string, name: InstitutionName): Promise<void> =>
      name.role === "provider"
        ? certify(folder, name, below, [certificate])
        : certify(folder, name, above, []),
    /** The same of a manufacturer, under its own root, which gets a CA certificate for it. */
    certifyManufacturer: async (folder: string, oem: Authority): Promise<void> => {
      const ownRoot = await x509Root(oem);
      await writeCaCertificate(layout.oem, ownRoot);
      const issuer = x509Authority(oem, ownRoot, x509Register(layout.oem));
      await certify(folder, { role: "manufacturer", id: oem.claims.sub }, issuer, []);
    },
  };
}
