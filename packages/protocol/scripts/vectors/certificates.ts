import {
  attach,
  CLOCK_SKEW,
  currency,
  institutionId,
  institutionStatus,
  institutionToAnybody,
  seconds,
  unwrap,
  type Chain,
  type Claims,
  type CompressedKey,
  type Currency,
  type Root,
  type Seconds,
} from "../../src/index.ts";
import type { Actor } from "./actor.ts";
import { accepts, refuses, type Case } from "./case.ts";
import {
  at,
  certificates,
  certify,
  chainA,
  chainB,
  EUR,
  ids,
  names,
  NOW,
  oemRoot,
  people,
  root,
  taOf,
  usual,
} from "./cast.ts";
import { examples } from "./examples.ts";

export type CertificateInput = {
  readonly root: Root;
  readonly currency: Currency;
  readonly certificate: Uint8Array;
  readonly chain?: Chain | undefined;
  /** Chains verified before. */
  readonly known?: readonly Chain[];
  /** Status lists of institutions that the verifier has. */
  readonly lists?: readonly Uint8Array[];
  readonly roles: readonly ("wallet" | "ta")[];
  readonly now: Seconds;
  readonly grace?: number;
  readonly ignoreNotBefore?: boolean;
};

export type DeviceInput = {
  readonly roots: readonly Root[];
  readonly certificate: Uint8Array;
  readonly now: Seconds;
};

/** A key whose x is on no point of the curve. */
export const offCurve = `02${"00".repeat(31)}01` as CompressedKey;

/** The same bytes with one bit of the last byte, which is the signature's, changed. */
export function forged(bytes: Uint8Array): Uint8Array {
  return bytes.with(-1, (bytes[bytes.length - 1] as number) ^ 1);
}

export const otherKind = (
  examples.find(({ name }) => name === "withdrawal") as { bytes: Uint8Array }
).bytes;

const USD = currency("USD");
const leaf = (changes: Partial<Claims>, issuer = people.bankA): Uint8Array =>
  certify({ ...usual.aliceTa, ...changes } as Claims, issuer);
const bank = (changes: Partial<Claims>, issuer = people.intermediary): Uint8Array =>
  certify({ ...usual.bankA, ...changes } as Claims, issuer);
const intermediary = (changes: Partial<Claims>, issuer = people.root): Uint8Array =>
  certify({ ...usual.intermediary, ...changes } as Claims, issuer);
const underBank = (changes: Partial<Claims>, issuer = people.intermediary): Chain => [
  bank(changes, issuer),
  certificates.intermediary,
];
const underIntermediary = (changes: Partial<Claims>, issuer = people.root): Chain => [
  certificates.bankA,
  intermediary(changes, issuer),
];

const input = (changes: Partial<CertificateInput>): CertificateInput => ({
  root,
  currency: EUR,
  certificate: certificates.aliceTa,
  chain: chainA,
  roles: ["ta"],
  now: NOW,
  ...changes,
});

/** The list that revokes this key since the leaf's first second, or the provider's, and so much later. */
export function listOf(
  by: "root" | "intermediary" | "another",
  key: Actor,
  later: number,
): Uint8Array {
  const first = key === people.intermediary ? usual.bankA.nbf : usual.aliceTa.nbf;
  const content = {
    sequence: 1,
    issuedAt: NOW,
    revoked: [[key.keyId, seconds(first + later)] as const],
  };
  const other = { ...usual.intermediary, sub: institutionId("int-2") };
  const [signer, name, certificate] = {
    root: [people.root, names.root, undefined] as const,
    intermediary: [people.intermediary, names.intermediary, certificates.intermediary] as const,
    another: [
      people.mallory,
      institutionId("int-2"),
      certify({ ...other, key: people.mallory.publicKey.compressed }, people.root),
    ] as const,
  }[by];
  const context = institutionToAnybody({ currency: EUR, institution: name });
  return institutionStatus.sign(content, context, signer, { certificate });
}

const alice = { id: ids.alice, role: "ta", home: names.bankA };
const expired = { exp: at(-1) };
const late = seconds(usual.bankA.exp + 1);

export const certificateCases: readonly Case<CertificateInput>[] = [
  accepts("4.3", "a TA's, with its chain", input({}), alice),
  accepts(
    "4.3",
    "a wallet's, where either role will do",
    input({ certificate: certificates.merchant, chain: chainB, roles: ["ta", "wallet"] }),
    { id: ids.merchant, role: "wallet", home: names.bankB },
  ),
  accepts(
    "4.3",
    "without a chain, of a provider known before",
    input({ chain: undefined, known: [chainA] }),
    alice,
  ),
  accepts(
    "4.3.5",
    "beginning as late as clocks may differ, ending with its issuer",
    input({ certificate: leaf({ nbf: at(CLOCK_SKEW), exp: usual.bankA.exp }) }),
    alice,
  ),
  accepts(
    "4.1",
    "of a provider that has an index, too",
    input({ chain: underBank({ statusIndex: 1 }) }),
    alice,
  ),
  accepts(
    "4.1",
    "that begins after its end, where clocks differ that much",
    input({ certificate: leaf({ nbf: at(CLOCK_SKEW), exp: at(-100) }), grace: 100 }),
    alice,
  ),
  accepts("4.3.5", "in its last second", input({ certificate: leaf({ exp: NOW }) }), alice),
  accepts(
    "4.3.5",
    "in the last second of its grace",
    input({ certificate: leaf({ exp: at(-100) }), grace: 100 }),
    alice,
  ),
  accepts("4.3.5", "without a clock", input({ now: seconds(0), ignoreNotBefore: true }), alice),
  accepts(
    "13.3",
    "by a verifier that knows only the root's key",
    input({
      root: { key: root.key },
      chain: underIntermediary({ iss: institutionId("cb-2") }),
    }),
    alice,
  ),

  refuses(
    "4.3.1",
    "malformed",
    "cut short",
    input({ certificate: certificates.aliceTa.slice(0, -1) }),
  ),
  refuses("4.4", "malformed", "too long", input({ certificate: new Uint8Array(257) })),
  refuses(
    "4",
    "malformed",
    "with something attached to it",
    input({ certificate: unwrap(attach(certificates.aliceTa, { certificate: Uint8Array.of(0) })) }),
  ),
  refuses("4.3.1", "wrong-type", "another kind of message", input({ certificate: otherKind })),
  refuses(
    "4.3.1",
    "malformed",
    "whose provider's certificate is cut short",
    input({ chain: [certificates.bankA.slice(1), certificates.intermediary] }),
  ),
  refuses(
    "4.3.1",
    "bad-key",
    "for a key that is no point",
    input({ certificate: leaf({ key: offCurve }) }),
  ),
  refuses(
    "4.3.1",
    "bad-key",
    "under a provider whose key is no point",
    input({ chain: underBank({ key: offCurve }) }),
  ),

  refuses(
    "4.3.2",
    "wrong-role",
    "of another role",
    input({ certificate: certificates.aliceWallet }),
  ),
  refuses("4.3.2", "wrong-role", "of a provider", input({ certificate: certificates.bankA })),
  refuses("4.3.2", "wrong-role", "of a device", input({ certificate: certificates.device })),
  refuses(
    "4.3.2",
    "wrong-role",
    "issued by a wallet",
    input({
      certificate: certify(taOf(names.bankA, people.mallory), people.aliceWallet),
      chain: [certificates.aliceWallet, certificates.bankA],
    }),
  ),
  refuses(
    "4.1",
    "wrong-role",
    "under a root's certificate that is not in its own name",
    input({
      chain: [certificates.bankA, certify({ ...usual.root, iss: names.bankA }, people.root)],
    }),
  ),
  refuses(
    "4.3.2",
    "wrong-role",
    "with its chain in the wrong order",
    input({ chain: [chainA[1], chainA[0]] }),
  ),
  refuses(
    "4.3.2",
    "wrong-currency",
    "of another currency",
    input({ certificate: leaf({ currency: USD }) }),
  ),
  refuses(
    "4.3.2",
    "wrong-currency",
    "under a provider of another currency",
    input({ chain: underBank({ currency: USD }) }),
  ),
  refuses(
    "4.3.2",
    "wrong-currency",
    "under an intermediary of another currency",
    input({ chain: underIntermediary({ currency: USD }) }),
  ),
  refuses(
    "4.3.2",
    "wrong-role",
    "of another role, without a chain",
    input({ certificate: certificates.aliceWallet, chain: undefined }),
  ),

  refuses("4.3.3", "unknown-issuer", "without a chain", input({ chain: undefined })),
  refuses("4.3.3", "unknown-issuer", "under another provider", input({ chain: chainB })),
  refuses(
    "4.3.3",
    "unknown-issuer",
    "that names another issuer, with the issuer's kid",
    input({ certificate: leaf({ iss: names.bankB }) }),
  ),
  refuses(
    "4.3.3",
    "unknown-issuer",
    "with another kid than its issuer's",
    input({ certificate: leaf({}, people.mallory) }),
  ),
  refuses(
    "4.3.3",
    "unknown-issuer",
    "under a provider that names another intermediary",
    input({ chain: underBank({ iss: institutionId("int-2") }) }),
  ),
  refuses(
    "4.3.3",
    "unknown-issuer",
    "under a provider certified by another key",
    input({ chain: underBank({}, people.mallory) }),
  ),
  refuses(
    "4.3.3",
    "unknown-issuer",
    "under an intermediary that names another root",
    input({ chain: underIntermediary({ iss: institutionId("cb-2") }) }),
  ),
  refuses(
    "4.3.3",
    "unknown-issuer",
    "under an intermediary certified by another key",
    input({ chain: underIntermediary({}, people.mallory) }),
  ),

  refuses(
    "4.3.4",
    "wrong-validity",
    "valid before its issuer",
    input({ certificate: leaf({ nbf: seconds(0) }) }),
  ),
  refuses(
    "4.3.4",
    "wrong-validity",
    "valid after its issuer",
    input({ certificate: leaf({ exp: late }) }),
  ),
  refuses(
    "4.3.4",
    "wrong-validity",
    "under a provider valid longer than the intermediary",
    input({ chain: underBank({ exp: seconds(usual.intermediary.exp + 1) }) }),
  ),

  refuses(
    "4.3.5",
    "not-yet-valid",
    "beginning later than clocks may differ",
    input({ certificate: leaf({ nbf: at(CLOCK_SKEW + 1) }) }),
  ),
  refuses("4.3.5", "expired", "expired", input({ certificate: leaf(expired) })),
  refuses(
    "4.3.5",
    "expired",
    "expired beyond its grace",
    input({ certificate: leaf({ exp: at(-101) }), grace: 100 }),
  ),
  refuses(
    "4.3.5",
    "expired",
    "under a provider that is known, and expired since",
    input({ chain: undefined, known: [chainA], now: late }),
  ),

  refuses(
    "16.3.4",
    "issuer-revoked",
    "issued later than its issuer's key was revoked",
    input({ lists: [listOf("intermediary", people.bankA, -1)] }),
  ),
  refuses(
    "16.3.4",
    "issuer-revoked",
    "of a provider that was certified later than the intermediary's key was revoked",
    input({ lists: [listOf("root", people.intermediary, -1)] }),
  ),
  refuses(
    "16.3.4",
    "issuer-revoked",
    "of a provider that the root revoked",
    input({ lists: [listOf("root", people.bankA, -1)] }),
  ),
  refuses(
    "16.3.4",
    "issuer-revoked",
    "without a chain, of a provider known before and revoked since",
    input({
      chain: undefined,
      known: [chainA],
      lists: [listOf("intermediary", people.bankA, -1)],
    }),
  ),
  accepts(
    "16.3.4",
    "issued in the last second in which its issuer's key is believed",
    input({ lists: [listOf("intermediary", people.bankA, 0)] }),
    alice,
  ),
  accepts(
    "16.3.4",
    "of a provider that only an intermediary which did not certify it names",
    input({ lists: [listOf("another", people.bankA, -1)] }),
    alice,
  ),

  accepts(
    "4.3.6",
    "under a root that names its own key",
    input({ lists: [listOf("root", people.root, -1)] }),
    alice,
  ),

  refuses("4.3.7", "bad-signature", "forged", input({ certificate: forged(certificates.aliceTa) })),
  refuses(
    "4.3.7",
    "bad-signature",
    "under a forged provider",
    input({ chain: [forged(certificates.bankA), certificates.intermediary] }),
  ),
  refuses(
    "4.3.7",
    "bad-signature",
    "under a forged intermediary",
    input({ chain: [certificates.bankA, forged(certificates.intermediary)] }),
  ),
];

const device = (changes: Partial<DeviceInput>): DeviceInput => ({
  roots: [oemRoot],
  certificate: certificates.device,
  now: NOW,
  ...changes,
});

export const deviceCases: readonly Case<DeviceInput>[] = [
  accepts("4.3", "a device's", device({}), { id: people.device.deviceId }),
  refuses("4.3.2", "wrong-role", "the maker's own", device({ certificate: certificates.oem })),
  refuses("4.3.2", "wrong-role", "a TA's", device({ certificate: certificates.aliceTa })),
  refuses("4.3.3", "unknown-issuer", "of a maker nobody accepts", device({ roots: [] })),
  refuses(
    "4.3.3",
    "unknown-issuer",
    "of a maker of another name",
    device({ roots: [{ id: institutionId("oem-2"), key: oemRoot.key }] }),
  ),
  refuses("4.3.5", "expired", "expired", device({ now: seconds(usual.device.exp + 1) })),
  refuses(
    "4.3.5",
    "not-yet-valid",
    "not yet valid",
    device({ now: seconds(usual.device.nbf - CLOCK_SKEW - 1) }),
  ),
  refuses("4.3.7", "bad-signature", "forged", device({ certificate: forged(certificates.device) })),
];
