import { randomBytes } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  authority,
  certify,
  certifyDevice,
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
  currency,
  institutionId,
  seconds,
  toHex,
  unwrap,
  type Seconds,
  type Signer,
} from "@bezant/protocol";
import type { ProviderConfig } from "@bezant/provider";
import { measureTos, type DeviceIdentity, type DeviceToCertify } from "@bezant/tee";
import measurement from "@bezant/trusted-app/measurement.json" with { type: "json" };

export const EUR = currency("EUR");
export const HOME = institutionId("aurum");

/** The machine's clock: nothing here is simulated. */
export function now(): Seconds {
  return seconds(Math.floor(Date.now() / 1000));
}

/** Who certifies whom, in a folder, and the configuration of a provider under them. */
export type Institutions = {
  readonly root: Authority;
  readonly operator: Signer;
  readonly identity: DeviceIdentity;
  /** The file that the provider's process starts from. */
  readonly config: string;
};

export async function foundInstitutions(
  folder: string,
  { port, dataDir }: { readonly port: number; readonly dataDir: string },
): Promise<Institutions> {
  const passphrase = randomBytes(18).toString("base64url");
  const at = (name: string): string => join(folder, name);
  await mkdir(folder, { recursive: true });
  await writeFile(at("passphrase"), `${passphrase}\n`, { mode: 0o600 });
  const validity = unwrap(validityWithin(undefined, now(), 7300));
  const newKey = async (name: string): Promise<Signer> => {
    const key = generatePrivateKey();
    unwrap(await writeKey(at(name), key, passphrase));
    return asyncNodeSigner(key);
  };
  const install = async (
    name: string,
    signer: Signer,
    certificate: Uint8Array,
  ): Promise<Authority> => {
    await writeCertificate(at(name), certificate);
    return authority(certificate, signer, fileRegister(at(name)));
  };
  const makeRoot = async (
    name: string,
    subject: Parameters<typeof selfSign>[0],
  ): Promise<Authority> => {
    const signer = await newKey(name);
    return install(name, signer, await selfSign(subject, validity, signer));
  };
  const makeBelow = async (
    issuer: Authority,
    role: Certifiable,
    sub = institutionId("bank"),
  ): Promise<Authority> => {
    const signer = await newKey(role);
    const request = await requestCertification(
      { role, sub, currency: EUR },
      issuer.claims.sub,
      signer,
    );
    const terms = { now: now(), days: 1000 };
    return install(role, signer, unwrap(await certify(issuer, request, nodeVerifier(), terms)));
  };
  const root = await makeRoot("root", { role: "root", id: institutionId("cb"), currency: EUR });
  const intermediary = await makeBelow(root, "intermediary");
  await makeBelow(intermediary, "provider", HOME);
  const oem = await makeRoot("oem", { role: "oem-root", id: institutionId("oem") });
  const operator = await newKey("operator");
  const config = at("config.json");
  const written = providerConfig({ port, dataDir, operator });
  await writeFile(config, JSON.stringify(written, undefined, 2));
  const certifyOne = async (device: DeviceToCertify): Promise<Uint8Array> =>
    unwrap(await certifyDevice(oem, device, { now: now(), days: 1000 }));
  return { root, operator, identity: { certify: certifyOne }, config };
}

/** Limits that never stand in the way, and no limit of requests: what is tried here is whether money survives. */
function providerConfig({
  port,
  dataDir,
  operator,
}: {
  readonly port: number;
  readonly dataDir: string;
  readonly operator: Signer;
}): ProviderConfig {
  const tos = measureTos();
  return {
    authority: "provider",
    passphraseFile: "passphrase",
    intermediary: "intermediary/certificate.hex",
    root: "root/certificate.hex",
    dataDir,
    port,
    operators: [operator.publicKey.compressed],
    attestation: {
      oemRoots: ["oem/certificate.hex"],
      trustedApps: [{ measurement: measurement.sha256, version: measurement.version }],
      trustedOses: [{ measurement: toHex(tos.measurement), version: tos.version }],
      minimumLevel: 1,
    },
    limits: {
      profile: 1,
      version: 1,
      maxHolding: "1000000000000",
      maxPayment: "1000000",
      maxCount: 0xffff_ffff,
      maxValue: "1000000000000",
      noPinCap: "1000000000000",
    },
    http: { requestsPerMinute: 1_000_000, registrationsPerMinute: 1_000_000 },
    logLevel: "warn",
  };
}
