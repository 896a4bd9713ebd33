import {
  currency,
  institutionId,
  limitsProfile,
  seconds,
  signCertificate,
  taIdOf,
  walletIdOf,
  type Amount,
  type Chain,
  type Claims,
  type CompressedKey,
  type Currency,
  type InstitutionId,
  type Limits,
  type TaId,
  type WalletId,
} from "@bezant/protocol";
import type { Crypto, Key } from "./crypto.ts";
import type { Random } from "./random.ts";
import type { Holder } from "./signed.ts";

export const START = 1_800_000_000;
export const DAY = 86_400;
export const EUR = currency("EUR");

/** An institution with its key. */
export interface Institution {
  readonly id: InstitutionId;
  readonly key: Key;
}

/** A provider with one of its keys and the chain that certifies it. */
export interface ProviderKey extends Institution {
  readonly chain: Chain;
}

/** A wallet without secure hardware, with its certificate. */
export interface Wallet {
  readonly id: WalletId;
  readonly key: Key;
  readonly certificate: Uint8Array;
  readonly provider: ProviderKey;
}

/** What `CertInit` and `Renew` take. */
export interface Certification {
  readonly certificate: Uint8Array;
  readonly chain: Chain;
  readonly limitsProfile: Uint8Array;
}

export type ClaimChanges = {
  readonly [K in keyof Claims | "sub" | "currency" | "limitsProfile" | "securityLevel"]?: unknown;
};

/** The tiers above clients: a central bank's root, one intermediary, and any number of providers. */
export class CentralBank {
  readonly root: Institution;
  readonly intermediary: Institution;
  readonly intermediaryCertificate: Uint8Array;
  readonly currency: Currency;
  readonly #crypto: Crypto;
  readonly #random: Random;
  #serial = 0;

  constructor(crypto: Crypto, random: Random, name: string, money: Currency = EUR) {
    this.#crypto = crypto;
    this.#random = random;
    this.currency = money;
    this.root = this.institution(name);
    this.intermediary = this.institution(`${name}-i`);
    this.intermediaryCertificate = this.certify(this.root, {
      role: "intermediary",
      sub: this.intermediary.id,
      key: this.intermediary.key.publicKey.compressed,
    });
  }

  /** The root's key as a TA pins it at `Init`. */
  get anchor(): Uint8Array {
    return this.root.key.compressed;
  }

  institution(name: string): Institution {
    return { id: institutionId(name), key: this.newKey() };
  }

  newKey(): Key {
    return this.#crypto.newKey(this.#random);
  }

  /** A provider, or the next key of one that is there already. */
  provider(name: string, changes: ClaimChanges = {}): ProviderKey {
    const provider = this.institution(name);
    const certificate = this.certify(this.intermediary, {
      role: "provider",
      sub: provider.id,
      key: provider.key.publicKey.compressed,
      ...changes,
    });
    return { ...provider, chain: [certificate, this.intermediaryCertificate] };
  }

  wallet(provider: ProviderKey, changes: ClaimChanges = {}): Wallet {
    const key = this.newKey();
    const certificate = this.certify(provider, {
      role: "wallet",
      key: key.publicKey.compressed,
      statusIndex: this.#nextIndex(),
      ...changes,
    });
    return { id: walletIdOf(provider.id, key.publicKey), key, certificate, provider };
  }

  taCertificate(
    provider: Institution,
    key: CompressedKey,
    limits: Limits,
    changes: ClaimChanges = {},
  ): Uint8Array {
    return this.certify(provider, {
      role: "ta",
      key,
      limitsProfile: limits.profile,
      securityLevel: 3,
      statusIndex: this.#nextIndex(),
      ...changes,
    });
  }

  /** The certificate of a TA with this key, and what comes with it. */
  certification(
    provider: ProviderKey,
    { key, id }: { readonly key: CompressedKey; readonly id: TaId },
    limits: Limits,
    changes: ClaimChanges = {},
  ): Certification {
    return {
      certificate: this.taCertificate(provider, key, limits, changes),
      chain: provider.chain,
      limitsProfile: this.limitsFor(id, provider, limits),
    };
  }

  /** A TA whose key is at hand: it signs whatever it is told to, under a genuine certificate. */
  openTa(provider: ProviderKey, changes: ClaimChanges = {}): Holder & { readonly id: TaId } {
    const key = this.newKey();
    const { compressed } = key.publicKey;
    const certificate = this.taCertificate(provider, compressed, limitsOf(), changes);
    return { id: taIdOf(key.publicKey), key, certificate, home: provider.id };
  }

  /** The certificate of a provider's key, again, until another time. */
  renewed({ id: sub, key, chain: [, intermediary] }: ProviderKey, changes: ClaimChanges): Chain {
    const claims = { role: "provider", sub, key: key.publicKey.compressed, ...changes };
    return [this.certify(this.intermediary, claims), intermediary];
  }

  /** Signs whatever claims it is told to; only valid for ten years unless said otherwise. */
  certify(issuer: Institution, claims: ClaimChanges): Uint8Array {
    this.#serial += 1;
    const common = {
      iss: issuer.id,
      nbf: seconds(START),
      exp: seconds(START + 3650 * DAY),
      currency: this.currency,
      serial: this.#serial,
    };
    const given = Object.entries({ ...common, ...claims }).filter(([, it]) => it !== undefined);
    return signCertificate(Object.fromEntries(given) as unknown as Claims, issuer.key);
  }

  /** Places in a status list, far enough apart that a range can lie between two of them. */
  #nextIndex(): number {
    return (this.#serial + 1) * 1000;
  }

  limitsFor(ta: TaId, provider: Institution, limits: Limits): Uint8Array {
    const context = {
      currency: this.currency,
      home: "",
      signer: provider.id,
      audience: ta,
    } as const;
    return limitsProfile.sign(limits, context, provider.key);
  }
}

export function limitsOf(changes: Partial<Record<keyof Limits, number | bigint>> = {}): Limits {
  return {
    profile: 1,
    version: 1,
    maxHolding: 100_000n as Amount,
    maxPayment: 50_000n as Amount,
    maxCount: 100,
    maxValue: 500_000n as Amount,
    noPinCap: 500_000n as Amount,
    uncheckedCap: 500_000n as Amount,
    ...changes,
  } as Limits;
}
