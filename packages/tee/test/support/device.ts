import { institutionId, seconds, signCertificate, unwrap, type Result } from "@bezant/protocol";
import {
  makeDevice,
  nodeCryptography,
  openSoftwareRootOfTrust,
  TrustedOs,
  type DeviceToCertify,
  type Random,
  type RootOfTrust,
  type StorageFault,
  type TrustedApp,
} from "../../src/index.ts";
import { deterministicSigner, MemoryFiles, seededRandom } from "../../src/simulation/index.ts";
import { counterApp } from "./counter-app.ts";

/** The manufacturer of all devices here. */
const OEM = deterministicSigner(seededRandom("oem")(32));

export function certifyDevice({ key, securityLevel }: DeviceToCertify): Uint8Array {
  const validity = { nbf: seconds(0), exp: seconds(4_000_000_000) };
  const claims = { iss: institutionId("oem"), key, serial: 1, ...validity };
  return signCertificate({ ...claims, role: "device", securityLevel }, OEM);
}

export const TOS = { measurement: new Uint8Array(32).fill(7), version: 1 };

export type MemoryDevice = {
  readonly files: MemoryFiles;
  readonly random: Random;
  readonly rootOfTrust: () => RootOfTrust;
  /** Starts the trusted OS over whatever the files hold. */
  readonly start: (random?: Random) => Result<TrustedOs, StorageFault>;
};

/** A new device in memory, the same for the same seed. */
export async function memoryDevice(
  seed: string,
  trustedApp: TrustedApp = counterApp,
): Promise<MemoryDevice> {
  const files = new MemoryFiles();
  const random = seededRandom(seed);
  const signer = deterministicSigner;
  const cryptography = { ...nodeCryptography(), signer };
  const identity = { certify: certifyDevice };
  unwrap(await makeDevice(files, trustedApp, { identity, random, signer }));
  const rootOfTrust = (): RootOfTrust => unwrap(openSoftwareRootOfTrust(files, { random, signer }));
  const start = (ownRandom = random): Result<TrustedOs, StorageFault> => {
    const opened = openSoftwareRootOfTrust(files, { random: ownRandom, signer });
    return opened.ok
      ? TrustedOs.start({
          files,
          random: ownRandom,
          trustedApp,
          cryptography,
          tos: TOS,
          rootOfTrust: opened.value,
        })
      : opened;
  };
  return { files, random, rootOfTrust, start };
}
