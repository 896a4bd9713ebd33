import { generatePrivateKey, nodeSigner } from "@bezant/pki/node";
import {
  currency,
  institutionId,
  institutionStatus,
  institutionToAnybody,
  keyIdOf,
  seconds,
  signCertificate,
  type Chain,
  type Claims,
  type Currency,
  type InstitutionStatus,
  type ProviderId,
  type Root,
  type Seconds,
  type Signer,
  type SyncSigner,
} from "@bezant/protocol";
import type { DeviceToCertify } from "@bezant/tee";
import { START } from "./clock.ts";

const YEAR = 365 * 24 * 60 * 60;
const validity = { nbf: seconds(START - YEAR), exp: seconds(START + 10 * YEAR) };

export const EUR: Currency = currency("EUR");

export function newSigner(): SyncSigner {
  return nodeSigner(generatePrivateKey());
}

/** The same signer for what takes an asynchronous one. */
export function asSigner({ publicKey, sign }: SyncSigner): Signer {
  return { publicKey, sign: (message) => Promise.resolve(sign(message)) };
}

/** A central bank, an intermediary under it, and a manufacturer of devices. */
export class Institutions {
  readonly root: Root;
  readonly oemRoot: Root;
  readonly centralBank = institutionId("cb");
  readonly #rootSigner: SyncSigner;
  readonly #intermediarySigner: SyncSigner;
  readonly #intermediary: Uint8Array;
  readonly #oemSigner: SyncSigner;

  /** @param newKey where their keys come from */
  constructor(newKey: () => SyncSigner = newSigner) {
    const rootSigner = newKey();
    this.#rootSigner = rootSigner;
    this.#intermediarySigner = newKey();
    this.#oemSigner = newKey();
    this.root = { id: institutionId("cb"), key: rootSigner.publicKey };
    this.oemRoot = { id: institutionId("oem"), key: this.#oemSigner.publicKey };
    this.#intermediary = signCertificate(
      {
        role: "intermediary",
        iss: institutionId("cb"),
        sub: institutionId("inter"),
        currency: EUR,
        key: this.#intermediarySigner.publicKey.compressed,
        serial: 1,
        ...validity,
      },
      rootSigner,
    );
  }

  /** The chain of a provider with this key. */
  certifyProvider(id: ProviderId, { publicKey }: Pick<SyncSigner, "publicKey">, serial = 1): Chain {
    const certificate = signCertificate(
      {
        role: "provider",
        iss: institutionId("inter"),
        sub: id,
        currency: EUR,
        key: publicKey.compressed,
        serial,
        ...validity,
      },
      this.#intermediarySigner,
    );
    return [certificate, this.#intermediary];
  }

  /** The certificate of the central bank's service with this key. */
  certifyCentralBank({ publicKey }: Pick<SyncSigner, "publicKey">): Uint8Array {
    return signCertificate(
      {
        role: "central-bank",
        iss: this.centralBank,
        sub: this.centralBank,
        currency: EUR,
        key: publicKey.compressed,
        serial: 1,
        ...validity,
      },
      this.#rootSigner,
    );
  }

  /** Whatever an intermediary can sign. */
  certifyBelow(claims: Claims): Chain {
    return [signCertificate(claims, this.#intermediarySigner), this.#intermediary];
  }

  /** The intermediary's status list that takes back these keys. */
  revoke(sequence: number, revoked: InstitutionStatus["revoked"]): Uint8Array {
    return institutionStatus.sign(
      { sequence, issuedAt: START, revoked },
      institutionToAnybody({ currency: EUR, institution: institutionId("inter") }),
      this.#intermediarySigner,
      { certificate: this.#intermediary },
    );
  }

  /** The root's status list that takes back the intermediary's key. */
  revokeIntermediary(sequence: number, since: Seconds): Uint8Array {
    const revoked = [[keyIdOf(this.#intermediarySigner.publicKey), since]] as const;
    return institutionStatus.sign(
      { sequence, issuedAt: START, revoked },
      institutionToAnybody({ currency: EUR, institution: this.centralBank }),
      this.#rootSigner,
    );
  }

  certifyDevice = ({ key, securityLevel }: DeviceToCertify): Uint8Array =>
    signCertificate(
      {
        role: "device",
        iss: institutionId("oem"),
        key,
        serial: 1,
        securityLevel,
        ...validity,
      },
      this.#oemSigner,
    );
}
