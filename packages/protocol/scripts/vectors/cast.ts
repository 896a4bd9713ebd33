import {
  currency,
  institutionId,
  seconds,
  signCertificate,
  TrustStore,
  type Chain,
  type Claims,
  type ClaimsOf,
  type CompressedKey,
  type InstitutionId,
  type Root,
  type Seconds,
} from "../../src/index.ts";
import { actor, type Actor } from "./actor.ts";

// A small network under one root: two providers, clients of both, a device maker. Everything in it is fixed.

export const EUR = currency("EUR");
export const NOW = seconds(1_800_000_000);
const YEAR = 31_557_600;
const HALF_YEAR = YEAR / 2;
export const at = (offset: number): Seconds => seconds(NOW + offset);

export const names = {
  root: institutionId("cb"),
  intermediary: institutionId("int-1"),
  bankA: institutionId("bank-a"),
  bankB: institutionId("bank-b"),
  oem: institutionId("oem-1"),
} as const;

export const people = {
  root: actor("root"),
  intermediary: actor("intermediary"),
  bankA: actor("bank-a"),
  bankB: actor("bank-b"),
  oem: actor("oem"),
  device: actor("device"),
  aliceTa: actor("alice ta"),
  aliceWallet: actor("alice wallet"),
  bobTa: actor("bob ta"),
  merchant: actor("merchant wallet"),
  mallory: actor("mallory"),
  centralBank: actor("central bank"),
  centralBankOperator: actor("central bank operator"),
} as const;

type Validity = { readonly nbf: Seconds; readonly exp: Seconds };
const VALIDITY = {
  root: { nbf: at(-3 * YEAR), exp: at(20 * YEAR) },
  intermediary: { nbf: at(-2 * YEAR), exp: at(10 * YEAR) },
  provider: { nbf: at(-YEAR), exp: at(5 * YEAR) },
  leaf: { nbf: at(-HALF_YEAR), exp: at(HALF_YEAR) },
} as const satisfies Record<string, Validity>;

/** Claims of each role as they usually are. */
export const usual = {
  root: {
    role: "root",
    iss: names.root,
    sub: names.root,
    currency: EUR,
    ...keyed(people.root, VALIDITY.root),
  },
  intermediary: {
    role: "intermediary",
    iss: names.root,
    sub: names.intermediary,
    currency: EUR,
    ...keyed(people.intermediary, VALIDITY.intermediary),
  },
  bankA: providerOf(names.bankA, people.bankA),
  bankB: providerOf(names.bankB, people.bankB),
  centralBank: {
    role: "central-bank",
    iss: names.root,
    sub: names.root,
    currency: EUR,
    ...keyed(people.centralBank, VALIDITY.provider),
  },
  oem: { role: "oem-root", iss: names.oem, sub: names.oem, ...keyed(people.oem, VALIDITY.root) },
  device: {
    role: "device",
    iss: names.oem,
    securityLevel: 1,
    ...keyed(people.device, VALIDITY.leaf),
  },
  aliceTa: taOf(names.bankA, people.aliceTa),
  aliceWallet: walletOf(names.bankA, people.aliceWallet),
  bobTa: taOf(names.bankB, people.bobTa),
  merchant: walletOf(names.bankB, people.merchant),
} as const satisfies Readonly<Record<string, Claims>>;

function providerOf(sub: InstitutionId, who: Actor): ClaimsOf<"provider"> {
  const claims = { role: "provider", iss: names.intermediary, sub, currency: EUR } as const;
  return { ...claims, ...keyed(who, VALIDITY.provider) };
}

export function taOf(iss: InstitutionId, who: Actor): ClaimsOf<"ta"> {
  const claims = { role: "ta", iss, currency: EUR, limitsProfile: 1, securityLevel: 1 } as const;
  return { ...claims, ...keyed(who, VALIDITY.leaf) };
}

export function walletOf(iss: InstitutionId, who: Actor): ClaimsOf<"wallet"> {
  return { role: "wallet", iss, currency: EUR, ...keyed(who, VALIDITY.leaf) };
}

function keyed(
  { publicKey }: Actor,
  validity: Validity,
): Validity & {
  readonly key: CompressedKey;
  readonly serial: number;
} {
  return { key: publicKey.compressed, serial: 1, ...validity };
}

export function certify(claims: Claims, issuer: Actor): Uint8Array {
  return signCertificate(claims, issuer);
}

/** The usual certificates, each signed by the one that should. */
export const certificates = {
  root: certify(usual.root, people.root),
  intermediary: certify(usual.intermediary, people.root),
  centralBank: certify(usual.centralBank, people.root),
  bankA: certify(usual.bankA, people.intermediary),
  bankB: certify(usual.bankB, people.intermediary),
  oem: certify(usual.oem, people.oem),
  device: certify(usual.device, people.oem),
  aliceTa: certify(usual.aliceTa, people.bankA),
  aliceWallet: certify(usual.aliceWallet, people.bankA),
  bobTa: certify(usual.bobTa, people.bankB),
  merchant: certify(usual.merchant, people.bankB),
} as const;

export const chainA: Chain = [certificates.bankA, certificates.intermediary];
export const chainB: Chain = [certificates.bankB, certificates.intermediary];

export const root: Root = { id: names.root, key: people.root.publicKey };
export const oemRoot: Root = { id: names.oem, key: people.oem.publicKey };

export const newTrust = (): TrustStore => new TrustStore({ root, currency: EUR });

export const ids = {
  alice: people.aliceTa.taId,
  aliceWallet: people.aliceWallet.walletIdAt(names.bankA),
  bob: people.bobTa.taId,
  merchant: people.merchant.walletIdAt(names.bankB),
} as const;
