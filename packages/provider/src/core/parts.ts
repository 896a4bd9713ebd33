import type {
  AsyncVerifier,
  Chain,
  Currency,
  ProviderId,
  PublicKey,
  Root,
  Signer,
} from "@bezant/protocol";
import type { Clock, Random } from "@bezant/service";
import type { Database } from "@bezant/service/db";
import type { CentralBank } from "../settlement/central-bank.ts";
import type { OemVerifier } from "../attestation/verifier.ts";
import type { OtherProvider } from "../elsewhere/other-provider.ts";
import type { CertificateIssuer } from "./issuer.ts";
import type { Policy } from "./policy.ts";

/** Which provider this is. */
export interface Identity {
  readonly id: ProviderId;
  readonly currency: Currency;
  /** The certificate of the signer's key, then the intermediary's. */
  readonly chain: Chain;
  /** Chains of keys that it signed with before: what they certified is answered and claimed under them. */
  readonly earlier?: readonly Chain[] | undefined;
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
  /** Manufacturers' services that are asked about evidence, besides the policy; one of each manufacturer at most. */
  readonly oemVerifiers?: readonly OemVerifier[] | undefined;
  /** Whose orders fund clients from the provider's reserves. */
  readonly operators: readonly PublicKey[];
  /** Where the provider settles. Without one it stands alone: nothing bounds its deposits, and nobody pays across. */
  readonly centralBank?: CentralBank | undefined;
  /** The ways to other providers that the operator has configured, to learn from how payments to their clients have ended. */
  readonly otherProviders?: readonly OtherProvider[] | undefined;
  /** The way to one of which only the address is known, from the central bank's directory. */
  readonly providerAt?: ((id: ProviderId, address: string) => OtherProvider) | undefined;
  /** Where this one is reached by other providers, to be said in the directory. */
  readonly address?: string | undefined;
}
