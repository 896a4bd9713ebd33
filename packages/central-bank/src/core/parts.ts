import type {
  AsyncVerifier,
  Currency,
  InstitutionId,
  PublicKey,
  Root,
  Signer,
} from "@bezant/protocol";
import type { Clock } from "@bezant/service";
import type { Database } from "@bezant/service/db";

/** Which central bank this is. */
export interface Identity {
  readonly id: InstitutionId;
  readonly currency: Currency;
  /** The certificate of the signer's key, by the root. */
  readonly certificate: Uint8Array;
  readonly root: Root;
}

/** What the operations of a central bank are made of. Everything that is not a function of these is in the database. */
export interface CentralBankParts {
  readonly identity: Identity;
  readonly db: Database;
  /** The service's key: statements, allowances, advices, answers. */
  readonly signer: Signer;
  readonly verifier: AsyncVerifier;
  readonly clock: Clock;
  /** Whose orders issue and redeem money. */
  readonly operators: readonly PublicKey[];
}
