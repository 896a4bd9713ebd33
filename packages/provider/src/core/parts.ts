import type {
  AsyncVerifier,
  Chain,
  Currency,
  ProviderId,
  PublicKey,
  Root,
  Seconds,
  Signer,
} from "@bezant/protocol";
import type { Database } from "../db/index.ts";
import type { CertificateIssuer } from "./issuer.ts";
import type { Policy } from "./policy.ts";

/** What time it is; a simulation has its own. */
export interface Clock {
  readonly now: () => Seconds;
}

/** This many random bytes. */
export type Random = (length: number) => Uint8Array;

/** Which provider this is. */
export interface Identity {
  readonly id: ProviderId;
  readonly currency: Currency;
  /** The certificate of the signer's key, then the intermediary's. */
  readonly chain: Chain;
  /** The central bank root that it serves. */
  readonly root: Root;
}

/** What the operations of a provider are made of. Everything that is not a function of these is in the database. */
export interface ProviderParts {
  readonly identity: Identity;
  readonly db: Database;
  /** The provider's key: confirmations, acknowledgements, outcomes. */
  readonly signer: Signer;
  readonly verifier: AsyncVerifier;
  readonly issuer: CertificateIssuer;
  readonly clock: Clock;
  readonly random: Random;
  readonly policy: Policy;
  /** 32 bytes that all servers of one provider share: challenges and read tokens are authenticated with it. */
  readonly secret: Uint8Array;
  /** Whose orders fund clients from the provider's reserves. */
  readonly operators: readonly PublicKey[];
}
