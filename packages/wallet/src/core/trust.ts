import {
  bytes as byteString,
  bytesOf,
  chain,
  chainVerify,
  concatBytes,
  encode,
  parseCertificate,
  institutionStatusVerify,
  MAX_MESSAGE,
  ok,
  PAYMENT_GRACE,
  runChecksAsync,
  sha256,
  toHex,
  TrustStore,
  type AsyncVerifier,
  type Chain,
  type Currency,
  type InstitutionId,
  type InstitutionStatusRefusal,
  type KeyId,
  type Pending,
  type Refusal,
  type Result,
  type Root,
  type Seconds,
} from "@bezant/protocol";
import { kind, put, type Records } from "../store/records.ts";

/** The newest status list of each issuer of institutions, by its issuer (§16.3). */
const LIST = kind("institution-list", byteString(0, MAX_MESSAGE));

/** Provider chains learnt so far, by their digest; each is verified again when the wallet is opened. */
const CHAIN = kind("chain", chain);

export type TrustParts = {
  readonly root: Root;
  readonly currency: Currency;
  readonly verifier: AsyncVerifier;
};

/** What this wallet trusts, and what it has learnt from whom it met. */
export class Trust {
  readonly #store: TrustStore;
  readonly #verifier: AsyncVerifier;
  readonly #records: Records;
  readonly #kept: Set<string>;
  /** How many chains there were when this last looked for new ones. */
  #looked = 0;

  private constructor(parts: TrustParts, records: Records, kept: Set<string>) {
    this.#store = new TrustStore(parts);
    this.#verifier = parts.verifier;
    this.#records = records;
    this.#kept = kept;
  }

  static async load(parts: TrustParts, records: Records, now: Seconds): Promise<Trust> {
    const kept = await records.list(CHAIN);
    const trust = new Trust(parts, records, new Set(kept.map(({ key }) => key)));
    for (const { value } of await records.list(LIST)) await trust.#check(value, now);
    for (const { value } of kept) {
      const checked = chainVerify({ chain: value, trust: trust.#store, now, grace: PAYMENT_GRACE });
      // One that has expired is of no more use; everything else is found out again at every use.
      if (checked.ok) await runChecksAsync(checked.value, trust.#verifier);
    }
    return trust;
  }

  /** For the verifications of @bezant/protocol. */
  at(now: Seconds): { readonly trust: TrustStore; readonly now: Seconds } {
    return { trust: this.#store, now };
  }

  /** Checks the signatures that a verification has left, and keeps the chains that it has found to be good. */
  async verify<T, E>(
    left: Result<Pending<T>, E>,
  ): Promise<Result<T, E | Refusal<"bad-signature">>> {
    if (!left.ok) return left;
    const verified = await runChecksAsync(left.value, this.#verifier);
    if (verified.ok) await this.#keepNew();
    return verified;
  }

  /** Learns from a status list of institutions, whoever brings it; false: it says nothing new. */
  async learn(
    bytes: Uint8Array,
    now: Seconds,
  ): Promise<Result<boolean, InstitutionStatusRefusal | Refusal<"bad-signature">>> {
    const checked = await this.#check(bytes, now);
    if (!checked.ok || !checked.value.isNew) return checked.ok ? ok(false) : checked;
    await this.#records.commit(put(LIST, checked.value.issuer, bytes));
    return ok(true);
  }

  /** The newest lists, for whoever may not have them. */
  lists(): readonly Uint8Array[] {
    return this.#store.revoked.lists();
  }

  async #check(bytes: Uint8Array, now: Seconds) {
    const left = institutionStatusVerify(bytes, this.at(now));
    if (!left.ok) return left;
    const verified = await runChecksAsync(left.value, this.#verifier);
    if (!verified.ok) return verified;
    const { issuer } = verified.value;
    return ok({ issuer, isNew: this.#store.revoked.learn(verified.value) });
  }

  /** The chain of a provider's key, if it was met before. */
  chainOf(provider: InstitutionId, kid: KeyId): Chain | undefined {
    const known = this.#store.find(provider, kid);
    return known && bytesOf(known);
  }

  /** The provider that has this key: of an attached chain, which is still to be verified, or met before. */
  providerOf(kid: KeyId, attached: Chain | undefined): InstitutionId | undefined {
    if (attached === undefined) return this.#store.findByKey(kid)?.providerId;
    const provider = parseCertificate(attached[0]);
    if (!provider.ok || !("sub" in provider.value.claims)) return undefined;
    return provider.value.claims.sub;
  }

  async #keepNew(): Promise<void> {
    const chains = this.#store.chains();
    if (chains.length === this.#looked) return;
    this.#looked = chains.length;
    for (const one of chains) {
      const key = toHex(sha256(concatBytes(encode(chain, one))));
      if (this.#kept.has(key)) continue;
      await this.#records.commit(put(CHAIN, key, one));
      this.#kept.add(key);
    }
  }
}
