import {
  currency,
  seconds,
  thumbprint,
  toHex,
  walletIdOf,
  type CompressedKey,
  type PayeeId,
} from "@bezant/protocol";
import type { Crypto, Key } from "../world/crypto.ts";
import {
  CentralBank,
  DAY,
  START,
  type ClaimChanges,
  type Institution,
  type ProviderKey,
} from "../world/institutions.ts";
import type { Random } from "../world/random.ts";
import type { Holder } from "../world/signed.ts";

export const USD = currency("USD");
/** x = 7 is on no point of P-256. */
export const NO_POINT = `02${"00".repeat(31)}07` as CompressedKey;

/** Somebody who signs with a certificate, and the chain that goes with it. */
export interface OddHolder extends Holder {
  readonly provider: ProviderKey;
}

/** Providers with one thing wrong with each: what CertVerify is for. */
export function oddProviders(
  crypto: Crypto,
  random: Random,
  bank: CentralBank,
  home: ProviderKey,
): readonly ProviderKey[] {
  const foreign = new CentralBank(crypto, random, "other");
  const dollars = new CentralBank(crypto, random, "bank", USD);
  const { intermediary, intermediaryCertificate, root } = bank;
  const named = (changes: ClaimChanges): ProviderKey => bank.provider(home.id, changes);
  const under = (signer: Institution, changes: ClaimChanges = {}): ProviderKey => {
    const key = bank.newKey();
    const subject = { role: "provider", sub: home.id, key: key.publicKey.compressed };
    const certificate = bank.certify(signer, { ...subject, ...changes });
    return { id: home.id, key, chain: [certificate, intermediaryCertificate] };
  };
  const [certificate] = home.chain;
  const middle = (changes: ClaimChanges): Uint8Array =>
    bank.certify(root, {
      role: "intermediary",
      sub: intermediary.id,
      key: intermediary.key.publicKey.compressed,
      ...changes,
    });
  const damaged = Uint8Array.from(certificate);
  damaged[damaged.length - 40]! ^= 1;
  return [
    foreign.provider(home.id),
    dollars.provider(home.id),
    named({ currency: USD }),
    named({ role: "intermediary" }),
    named({ role: "root" }),
    named({ exp: seconds(START + 40 * DAY) }),
    named({ exp: seconds(START + 4000 * DAY) }),
    named({ nbf: seconds(START - 1) }),
    named({ iss: bank.institution("nobody").id }),
    named({ key: NO_POINT }),
    named({ sub: undefined }),
    named({ securityLevel: 1 }),
    under(root),
    under(home),
    under({ id: intermediary.id, key: bank.newKey() }),
    { ...home, chain: [certificate, middle({ key: NO_POINT })] },
    { ...home, chain: [certificate, middle({ exp: seconds(START + DAY) })] },
    { ...home, chain: [certificate, middle({ currency: USD })] },
    { ...home, chain: [certificate, middle({ sub: home.id })] },
    { ...home, chain: [certificate, foreign.intermediaryCertificate] },
    { ...home, chain: [intermediaryCertificate, certificate] },
    { ...home, chain: [certificate, certificate] },
    { ...home, chain: [damaged, intermediaryCertificate] },
  ];
}

/** Wallets and broken TAs with one thing wrong with each, under good and odd providers. */
export function oddHolders(
  bank: CentralBank,
  providers: readonly ProviderKey[],
  odd: readonly ProviderKey[],
): readonly OddHolder[] {
  const [home] = providers as readonly [ProviderKey, ...ProviderKey[]];
  const wallet = { role: "wallet" };
  const ta = { role: "ta", limitsProfile: 1, securityLevel: 3 };
  const short = { exp: seconds(START + 20 * DAY) };
  const changes: readonly ClaimChanges[] = [
    wallet,
    ta,
    { ...wallet, ...short },
    { ...ta, ...short },
    { ...wallet, currency: USD },
    { ...ta, currency: USD },
    { ...wallet, exp: seconds(START + 5000 * DAY) },
    { ...ta, exp: seconds(START + 5000 * DAY) },
    { ...wallet, nbf: seconds(START - DAY) },
    { ...wallet, iss: home.id },
    { ...wallet, limitsProfile: 1 },
    { ...wallet, currency: undefined },
    { ...wallet, sub: home.id },
    { role: "device", currency: undefined, securityLevel: 3 },
    { role: "provider", sub: home.id },
    { role: "intermediary", sub: home.id },
  ];
  const holders = providers.flatMap((provider) =>
    changes.map((change) => holder(bank, provider, change)),
  );
  const withoutPoint = [wallet, ta].map((change) => {
    const key = { key: NO_POINT, role: change.role };
    return holder(bank, home, { ...change, ...key });
  });
  const underOdd = odd.flatMap((provider) => [
    holder(bank, provider, wallet),
    holder(bank, provider, ta),
  ]);
  const impostor = { ...home, key: bank.newKey() };
  return [
    ...holders,
    ...withoutPoint,
    ...underOdd,
    holder(bank, impostor, wallet),
    stolenKid(bank, home, wallet),
    stolenKid(bank, home, ta),
  ];
}

export function holder(bank: CentralBank, provider: ProviderKey, changes: ClaimChanges): OddHolder {
  const key = bank.newKey();
  const claims = { key: key.publicKey.compressed, ...changes };
  const certificate = bank.certify(provider, claims);
  const id = idOf(key, provider, changes["role" as keyof ClaimChanges] === "wallet");
  return { id, key, certificate, home: provider.id, provider };
}

/** A broken TA whose certificate and provider's, or all of its chain, are good until `exp`. */
export function fadingHolder(
  bank: CentralBank,
  random: Random,
  home: ProviderKey,
  exp: number,
): OddHolder {
  const end = { exp: seconds(exp) };
  const provider = bank.provider(home.id, end);
  const { id: sub, key } = bank.intermediary;
  const claims = { role: "intermediary", sub, key: key.publicKey.compressed, ...end };
  const chain = random.chance(0.5)
    ? provider.chain
    : ([provider.chain[0], bank.certify(bank.root, claims)] as const);
  const ta = { role: "ta", limitsProfile: 1, securityLevel: 3, ...end };
  return holder(bank, { ...provider, chain }, ta);
}

/** A certificate that names the provider's key and is signed with another. */
function stolenKid(bank: CentralBank, provider: ProviderKey, changes: ClaimChanges): OddHolder {
  const thief = bank.newKey();
  const sign = (message: Uint8Array): Uint8Array => thief.sign(message);
  return holder(bank, { ...provider, key: { ...provider.key, sign } }, changes);
}

function idOf(key: Key, { id }: ProviderKey, isWallet: boolean): PayeeId {
  if (isWallet) return walletIdOf(id, key.publicKey);
  return toHex(thumbprint(key.publicKey)) as PayeeId;
}
