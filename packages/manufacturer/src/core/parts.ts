import type { AsyncVerifier, OemRoot, PublicKey, Release, Signer } from "@bezant/protocol";
import type { Clock, Random } from "@bezant/service";
import type { Database } from "@bezant/service/db";

/** Which manufacturer this is. */
export interface Identity {
  /** Its offline root: id and key. */
  readonly root: OemRoot;
  /** The root's appointment of the signer below as its service. */
  readonly appointment: Uint8Array;
}

export interface Policy {
  /** Trusted OSes of its devices: reference values, like the releases of TAs in the database. */
  readonly trustedOses: readonly Release[];
  /** How long an attestation result may be relied on, in seconds. */
  readonly resultSeconds: number;
  /** How long a device may answer a challenge. */
  readonly challengeSeconds: number;
}

export const DEFAULT_POLICY: Omit<Policy, "trustedOses"> = {
  resultSeconds: 300,
  challengeSeconds: 600,
};

/** What the operations of a manufacturer are made of. Everything that is not a function of these is in the database. */
export interface ManufacturerParts {
  readonly identity: Identity;
  readonly db: Database;
  /** The service's key, not the root's. */
  readonly signer: Signer;
  readonly verifier: AsyncVerifier;
  readonly clock: Clock;
  readonly random: Random;
  readonly policy: Policy;
  /** 32 bytes that all servers of one manufacturer share: challenges are authenticated with it. */
  readonly secret: Uint8Array;
  /** Whose orders enrol and revoke devices, and publish and withdraw releases. */
  readonly operators: readonly PublicKey[];
}
