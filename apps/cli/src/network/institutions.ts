import { randomBytes } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  authority,
  certify,
  requestCertification,
  selfSign,
  validityWithin,
  type Authority,
  type Certifiable,
} from "@bezant/pki";
import {
  asyncNodeSigner,
  fileRegister,
  generatePrivateKey,
  nodeVerifier,
  writeCertificate,
  writeKey,
} from "@bezant/pki/node";
import {
  institutionId,
  unwrap,
  type Currency,
  type InstitutionId,
  type Seconds,
  type Signer,
} from "@bezant/protocol";
import { writeHexFile } from "../files.ts";
import { appoint } from "../manufacturer/appoint.ts";
import type { Developer } from "../manufacturer/release.ts";
import type { InstitutionLayout, Layout, ProviderName } from "./layout.ts";
import { foundTls } from "./tls.ts";

const YEARS = { root: 7300, below: 1095 };

/** Those who certify, with their keys on disk, encrypted, and at hand. */
export type Institutions = {
  readonly root: Authority;
  readonly intermediary: Authority;
  readonly oem: Authority;
  readonly manufacturer: FoundedManufacturer;
  readonly centralBank: Founded;
  readonly providers: Readonly<Record<ProviderName, Founded>>;
};

/** An institution's key and certificate, and the key of who runs it. */
export type Founded = { readonly authority: Authority; readonly operator: Signer };

/** The keys of who runs the manufacturer's service, and of who develops the trusted application. */
export type FoundedManufacturer = { readonly operator: Signer; readonly developer: Developer };

/**
 * Both chains of a new network, central bank → intermediary → providers and manufacturer, as `bezant ca` would make them in
 * ceremonies; here one passphrase, made now, opens all keys.
 */
export async function foundInstitutions(
  layout: Layout,
  currency: Currency,
  now: Seconds,
): Promise<Institutions> {
  const passphrase = randomBytes(18).toString("base64url");
  await writeFile(layout.passphrase, `${passphrase}\n`, { flag: "wx", mode: 0o600 });
  const newKey = async (folder: string): Promise<Signer> => {
    const key = generatePrivateKey();
    unwrap(await writeKey(folder, key, passphrase, "random"));
    return asyncNodeSigner(key);
  };
  const install = async (
    folder: string,
    signer: Signer,
    certificate: Uint8Array,
  ): Promise<Authority> => {
    await writeCertificate(folder, certificate);
    return authority(certificate, signer, fileRegister(folder));
  };
  const validity = unwrap(validityWithin(undefined, now, YEARS.root));
  const makeRoot = async (
    folder: string,
    subject: Parameters<typeof selfSign>[0],
  ): Promise<Authority> => {
    const signer = await newKey(folder);
    return install(folder, signer, await selfSign(subject, validity, signer));
  };
  const makeBelow = async (
    folder: string,
    issuer: Authority,
    role: Certifiable,
    id: string,
  ): Promise<Authority> => {
    const signer = await newKey(folder);
    const applicant = { role, sub: institutionId(id), currency };
    const request = await requestCertification(applicant, issuer.claims.sub, signer);
    const terms = { now, days: YEARS.below };
    return install(folder, signer, unwrap(await certify(issuer, request, nodeVerifier(), terms)));
  };
  const root = await makeRoot(layout.root, { role: "root", id: institutionId("cb"), currency });
  const intermediary = await makeBelow(layout.intermediary, root, "intermediary", "bank");
  const tls = await foundTls({ layout, root, intermediary, now, newKey });
  const makeServer = async (
    issuer: Authority,
    role: "central-bank" | "provider",
    id: string,
    { authority: folder, operator, tls: tlsFolder }: InstitutionLayout,
  ): Promise<Founded> => {
    const own = await makeBelow(folder, issuer, role, id);
    await tls.certify(tlsFolder, { role, id: institutionId(id), currency });
    return { authority: own, operator: await newKey(operator) };
  };
  const makeManufacturer = async (oem: Authority): Promise<FoundedManufacturer> => {
    const { key, appointment, operator, tls: tlsFolder } = layout.manufacturer;
    const appointed = async (
      purpose: "service" | "developer",
      name: InstitutionId,
      { publicKey }: Signer,
    ): Promise<Uint8Array> =>
      appoint(oem, { purpose, name, key: publicKey.compressed }, { now, days: YEARS.below });
    const service = await newKey(key);
    await writeHexFile(appointment, await appointed("service", oem.claims.sub, service));
    await tls.certifyManufacturer(tlsFolder, oem);
    const signer = await newKey(layout.developer);
    const own = await appointed("developer", institutionId("ta-dev"), signer);
    await writeHexFile(join(layout.developer, "appointment"), own);
    return { operator: await newKey(operator), developer: { signer, appointment: own } };
  };
  const makeProvider = (id: ProviderName): Promise<Founded> =>
    makeServer(intermediary, "provider", id, layout.provider(id));
  const oem = await makeRoot(layout.oem, { role: "oem-root", id: institutionId("oem") });
  return {
    root,
    intermediary,
    centralBank: await makeServer(root, "central-bank", "cb", layout.centralBank),
    oem,
    manufacturer: await makeManufacturer(oem),
    providers: { aurum: await makeProvider("aurum"), boreal: await makeProvider("boreal") },
  };
}
