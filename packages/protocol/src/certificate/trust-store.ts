import type { Brand } from "../brand.ts";
import type { PublicKey } from "../cose/key.ts";
import { keyIdOf } from "../cose/thumbprint.ts";
import { toHex } from "../hex.ts";
import type { Currency, InstitutionId, KeyId, ProviderId } from "../ids.ts";
import type { Chain } from "../messages/message.ts";
import type { Certified } from "./cert-verify.ts";
import type { Certificate } from "./certificate.ts";
import type { ClaimsOf } from "./claims.ts";
import { RevokedKeys } from "./revoked-keys.ts";

/** The one key that everything is traced to. A TA pins only the key; everybody else the root's id with it. */
export type Root = { readonly id?: InstitutionId; readonly key: PublicKey };

/** A provider and its intermediary, both verified up to the root of the store that holds them. */
export type VerifiedChain = Brand<
  {
    readonly provider: Certificate<ClaimsOf<"provider">>;
    readonly intermediary: Certificate<ClaimsOf<"intermediary">>;
    readonly providerId: ProviderId;
    readonly providerKid: KeyId;
    readonly intermediaryKid: KeyId;
  },
  "VerifiedChain"
>;

/** Leaf certificates verified earlier, by `certificateCacheKey`. An LRU with a bound of the caller's choice. */
export type LeafCache = {
  readonly get: (key: string) => Certified | undefined;
  readonly set: (key: string, leaf: Certified) => void;
};

/** Every byte of the certificate, signature included. */
export function certificateCacheKey(certificate: Uint8Array): string {
  return toHex(certificate);
}

/**
 * What one party trusts: the pinned root, its currency, and the issuer chains verified so far, so that a later
 * certificate of the same provider costs one verification. Only `certVerify` and `chainVerify` add chains; validity in
 * time is checked at every use.
 */
export class TrustStore {
  readonly root: Root;
  readonly rootKid: KeyId;
  readonly currency: Currency;
  /** Keys of institutions that are believed for nothing later. */
  readonly revoked = new RevokedKeys();
  readonly #byBytes = new Map<string, VerifiedChain>();
  readonly #byIssuer = new Map<string, VerifiedChain>();

  constructor({ root, currency }: { readonly root: Root; readonly currency: Currency }) {
    this.root = root;
    this.rootKid = keyIdOf(root.key);
    this.currency = currency;
  }

  /** The chain of the provider with this id whose key has this key id. */
  find(provider: InstitutionId, kid: KeyId): VerifiedChain | undefined {
    return this.#byIssuer.get(`${provider}/${kid}`);
  }

  /** A chain whose provider's key has this key id, whoever that is. */
  findByKey(kid: KeyId): VerifiedChain | undefined {
    return this.#byIssuer.values().find(({ providerKid }) => providerKid === kid);
  }

  /** The chain of exactly these certificates. */
  known(chain: Chain): VerifiedChain | undefined {
    return this.#byBytes.get(chainKey(chain));
  }

  /** Keeps a verified chain; of two for the same key, `find` gives the one with the higher serial. */
  remember(chain: VerifiedChain): void {
    this.#byBytes.set(chainKey(bytesOf(chain)), chain);
    const issuer = `${chain.providerId}/${chain.providerKid}`;
    const known = this.#byIssuer.get(issuer);
    if (known === undefined || known.provider.claims.serial <= chain.provider.claims.serial) {
      this.#byIssuer.set(issuer, chain);
    }
  }

  /** Every chain known, to be stored and verified again after a restart. */
  chains(): readonly Chain[] {
    return [...this.#byBytes.values()].map(bytesOf);
  }
}

/** The certificates of a verified chain, to attach to a message. */
export function bytesOf({ provider, intermediary }: VerifiedChain): Chain {
  return [provider.bytes, intermediary.bytes];
}

function chainKey([provider, intermediary]: Chain): string {
  return `${toHex(provider)}/${toHex(intermediary)}`;
}
