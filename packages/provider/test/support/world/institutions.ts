import { generatePrivateKey, nodeSigner } from "@bezant/pki/node";
import {
  currency,
  institutionId,
  seconds,
  signCertificate,
  type Chain,
  type Claims,
  type Root,
  type Seconds,
  type SecurityLevel,
  type SyncSigner,
} from "@bezant/protocol";

export const START = seconds(1_800_000_000);
export const YEAR = 365 * 24 * 60 * 60;
export const EUR = currency("EUR");

export function newKey(): SyncSigner {
  return nodeSigner(generatePrivateKey());
}

const validity = { nbf: seconds(START - YEAR), exp: seconds(START + 10 * YEAR) };

export interface Institutions {
  readonly root: Root;
  readonly rootKey: SyncSigner;
  readonly intermediaryKey: SyncSigner;
  readonly intermediary: Uint8Array;
}

/** A central bank and an intermediary under it. */
export function foundInstitutions(): Institutions {
  const rootKey = newKey();
  const intermediaryKey = newKey();
  const root = { id: institutionId("bank"), key: rootKey.publicKey };
  const intermediary = signCertificate(
    {
      role: "intermediary",
      iss: institutionId("bank"),
      sub: institutionId("inter"),
      currency: EUR,
      key: intermediaryKey.publicKey.compressed,
      serial: 1,
      ...validity,
    },
    rootKey,
  );
  return { root, rootKey, intermediaryKey, intermediary };
}

/** The chain of a provider under these institutions. */
export function certifyProvider(
  { intermediary, intermediaryKey }: Institutions,
  id: string,
  key: SyncSigner,
  changes: Partial<Claims> = {},
): Chain {
  const claims = {
    role: "provider",
    iss: institutionId("inter"),
    sub: institutionId(id),
    currency: EUR,
    key: key.publicKey.compressed,
    serial: 1,
    ...validity,
    ...changes,
  } as Claims;
  return [signCertificate(claims, intermediaryKey), intermediary];
}

export interface Manufacturer {
  readonly root: Root;
  readonly key: SyncSigner;
}

export function foundManufacturer(): Manufacturer {
  const key = newKey();
  return { root: { id: institutionId("oem"), key: key.publicKey }, key };
}

export interface Device {
  readonly key: SyncSigner;
  readonly certificate: Uint8Array;
  readonly level: SecurityLevel;
}

export function makeDevice(maker: Manufacturer, level: SecurityLevel = 3): Device {
  const key = newKey();
  const certificate = signCertificate(
    {
      role: "device",
      iss: institutionId("oem"),
      key: key.publicKey.compressed,
      serial: 1,
      securityLevel: level,
      ...validity,
    },
    maker.key,
  );
  return { key, certificate, level };
}

/** A clock that only the test moves. */
export class TestClock {
  #now: Seconds = START;

  now = (): Seconds => this.#now;

  advance(by: number): void {
    this.#now = seconds(this.#now + by);
  }
}
