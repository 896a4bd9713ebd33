import { describe, expect, test } from "vitest";
import {
  attach,
  certificateCacheKey,
  certVerify,
  CLOCK_SKEW,
  currency,
  deviceVerify,
  fromHex,
  institutionId,
  chainVerify,
  runChecks,
  runChecksAsync,
  seconds,
  TrustStore,
  unwrap,
  withdrawal,
  type Certified,
  type CertRefusal,
  type Chain,
  type Claims,
  type CompressedKey,
  type LeafCache,
  type PendingLeaf,
  type Result,
} from "../../src/index.ts";
import { actor } from "../../scripts/vectors/actor.ts";
import {
  at,
  certificates,
  certify,
  chainA,
  chainB,
  EUR,
  ids,
  names,
  newTrust,
  NOW,
  oemRoot,
  people,
  root,
  taOf,
  usual,
} from "../../scripts/vectors/cast.ts";
import { examples } from "../../scripts/vectors/examples.ts";
import { asyncVerifier, countingVerifier, verifier } from "../support/verifier.ts";

type Input = Parameters<typeof certVerify<"wallet" | "ta">>[0];

function verify(changes: Partial<Input> = {}): Result<PendingLeaf<"wallet" | "ta">, CertRefusal> {
  return certVerify<"wallet" | "ta">({
    certificate: certificates.aliceTa,
    chain: chainA,
    trust: newTrust(),
    roles: ["ta"],
    now: NOW,
    ...changes,
  });
}

/** The code of the refusal, by a rule or by the signatures. */
function refusalOf(result: Result<PendingLeaf<"wallet" | "ta">, CertRefusal>): string | undefined {
  if (!result.ok) return result.error.code;
  const done = runChecks(result.value, verifier);
  return done.ok ? undefined : done.error.code;
}

const leaf = (changes: Partial<Claims>, issuer = people.bankA): Uint8Array =>
  certify({ ...usual.aliceTa, ...changes } as Claims, issuer);
const bank = (changes: Partial<Claims>, issuer = people.intermediary): Uint8Array =>
  certify({ ...usual.bankA, ...changes } as Claims, issuer);
const intermediary = (changes: Partial<Claims>, issuer = people.root): Uint8Array =>
  certify({ ...usual.intermediary, ...changes } as Claims, issuer);

describe("CertVerify of a chain", () => {
  test("gives the leaf's claims and its id once three signatures have verified", () => {
    const pending = unwrap(verify());
    expect(pending.checks).toHaveLength(3);
    const { id, role, claims, chain } = unwrap(runChecks(pending, verifier));
    expect({ id, role }).toEqual({ id: ids.alice, role: "ta" });
    expect(claims).toEqual(usual.aliceTa);
    expect(chain?.providerId).toBe(names.bankA);
  });

  test("does the same with a verifier that answers later", async () => {
    const done = await runChecksAsync(unwrap(verify()), asyncVerifier);
    expect(unwrap(done).id).toBe(ids.alice);
  });

  test("gives a wallet the id of its key at its provider", () => {
    const found = verify({ certificate: certificates.merchant, chain: chainB, roles: ["wallet"] });
    expect(unwrap(runChecks(unwrap(found), verifier)).id).toBe(ids.merchant);
  });

  const expired = { exp: at(-1) };
  const cases: Readonly<Record<string, readonly [string, Partial<Input>]>> = {
    "cut short": ["malformed", { certificate: certificates.aliceTa.slice(0, -1) }],
    "longer than any certificate": ["malformed", { certificate: new Uint8Array(257) }],
    "with something attached to it": [
      "malformed",
      { certificate: unwrap(attach(certificates.aliceTa, { certificate: Uint8Array.of(0) })) },
    ],
    "of another kind": [
      "wrong-type",
      { certificate: examples.find(({ message }) => message.typ === withdrawal.typ)!.bytes },
    ],
    "with a provider's certificate cut short": [
      "malformed",
      { chain: [certificates.bankA.slice(1), certificates.intermediary] },
    ],
    "for a key that is no point": ["bad-key", { certificate: leaf({ key: offCurve() }) }],
    "under a provider whose key is no point": [
      "bad-key",
      { chain: [bank({ key: offCurve() }), certificates.intermediary] },
    ],
    "of another role": ["wrong-role", { certificate: certificates.aliceWallet }],
    "of a provider, as a leaf": ["wrong-role", { certificate: certificates.bankA }],
    "issued by a wallet": [
      "wrong-role",
      {
        certificate: certify(taOf(names.bankA, people.mallory), people.aliceWallet),
        chain: [certificates.aliceWallet, certificates.bankA],
      },
    ],
    "with its chain in the wrong order": ["wrong-role", { chain: [chainA[1], chainA[0]] }],
    "of another currency": ["wrong-currency", { certificate: leaf({ currency: currency("USD") }) }],
    "under a provider of another currency": [
      "wrong-currency",
      { chain: [bank({ currency: currency("USD") }), certificates.intermediary] },
    ],
    "under an intermediary of another currency": [
      "wrong-currency",
      { chain: [certificates.bankA, intermediary({ currency: currency("USD") })] },
    ],
    "without a chain, of a provider nobody knows": ["unknown-issuer", { chain: undefined }],
    "under another provider": ["unknown-issuer", { chain: chainB }],
    "that names another issuer, with the issuer's kid": [
      "unknown-issuer",
      { certificate: leaf({ iss: names.bankB }) },
    ],
    "with another kid than its issuer's": [
      "unknown-issuer",
      { certificate: leaf({}, people.mallory) },
    ],
    "under a provider that names another intermediary": [
      "unknown-issuer",
      { chain: [bank({ iss: institutionId("int-2") }), certificates.intermediary] },
    ],
    "under a provider certified by another key": [
      "unknown-issuer",
      { chain: [bank({}, people.mallory), certificates.intermediary] },
    ],
    "under an intermediary that names another root": [
      "unknown-issuer",
      { chain: [certificates.bankA, intermediary({ iss: institutionId("cb-2") })] },
    ],
    "under an intermediary certified by another key": [
      "unknown-issuer",
      { chain: [certificates.bankA, intermediary({}, people.mallory)] },
    ],
    "valid before its issuer": ["wrong-validity", { certificate: leaf({ nbf: seconds(0) }) }],
    "valid after its issuer": [
      "wrong-validity",
      { certificate: leaf({ exp: seconds(usual.bankA.exp + 1) }) },
    ],
    "under a provider valid longer than the intermediary": [
      "wrong-validity",
      { chain: [bank({ exp: seconds(usual.intermediary.exp + 1) }), certificates.intermediary] },
    ],
    "not yet valid": ["not-yet-valid", { certificate: leaf({ nbf: at(CLOCK_SKEW + 1) }) }],
    "long expired": ["expired", { certificate: leaf(expired) }],
    "under a provider expired with its clients": [
      "expired",
      { certificate: leaf(expired), chain: [bank(expired), certificates.intermediary] },
    ],
    "changed in one byte": ["bad-signature", { certificate: forged(certificates.aliceTa) }],
    "under a forged provider": [
      "bad-signature",
      { chain: [forged(certificates.bankA), certificates.intermediary] },
    ],
    "under a forged intermediary": [
      "bad-signature",
      { chain: [certificates.bankA, forged(certificates.intermediary)] },
    ],
  };

  test.each(Object.entries(cases))("refuses one %s", (_name, [code, changes]) => {
    expect(refusalOf(verify(changes))).toBe(code);
  });

  test("takes what stands exactly on a bound", () => {
    const late = leaf({ nbf: at(CLOCK_SKEW), exp: usual.bankA.exp });
    expect(refusalOf(verify({ certificate: late }))).toBeUndefined();
    const ending = leaf({ exp: NOW });
    expect(refusalOf(verify({ certificate: ending }))).toBeUndefined();
    expect(refusalOf(verify({ certificate: ending, now: at(1) }))).toBe("expired");
  });

  test("takes an expired one within its grace, the chain's own if it has one", () => {
    const old = leaf({ exp: at(-100) });
    expect(refusalOf(verify({ certificate: old, grace: 99 }))).toBe("expired");
    expect(refusalOf(verify({ certificate: old, grace: 100 }))).toBeUndefined();
    const both = {
      certificate: old,
      chain: [bank({ exp: at(-100) }), certificates.intermediary] as const,
      grace: 100,
    };
    expect(refusalOf(verify(both))).toBeUndefined();
    expect(refusalOf(verify({ ...both, chainGrace: 0 }))).toBe("expired");
  });

  test("looks at no beginning where there is no clock", () => {
    const now = seconds(0);
    expect(refusalOf(verify({ now }))).toBe("not-yet-valid");
    expect(refusalOf(verify({ now, ignoreNotBefore: true }))).toBeUndefined();
  });

  test("takes any root id where only the key is pinned", () => {
    const trust = new TrustStore({ root: { key: root.key }, currency: EUR });
    const chain: Chain = [certificates.bankA, intermediary({ iss: institutionId("cb-2") })];
    expect(refusalOf(verify({ trust, chain }))).toBeUndefined();
  });
});

describe("a trust store", () => {
  test("makes a later leaf of a known provider cost one verification, chain attached or not", () => {
    const trust = newTrust();
    expect(unwrap(runChecks(unwrap(verify({ trust })), verifier)).id).toBe(ids.alice);
    const wallet = { trust, certificate: certificates.aliceWallet, roles: ["wallet"] } as const;
    for (const chain of [undefined, chainA]) {
      const counting = countingVerifier();
      const pending = unwrap(verify({ ...wallet, chain }));
      expect(unwrap(runChecks(pending, counting)).id).toBe(ids.aliceWallet);
      expect(counting.count()).toBe(1);
    }
    expect(trust.chains()).toEqual([chainA]);
  });

  test("learns nothing from a chain whose signatures are bad, or were not looked at", () => {
    const trust = newTrust();
    const chain: Chain = [certificates.bankA, forged(certificates.intermediary)];
    expect(refusalOf(verify({ trust, chain }))).toBe("bad-signature");
    unwrap(verify({ trust }));
    expect(trust.chains()).toEqual([]);
    expect(refusalOf(verify({ trust, chain: undefined }))).toBe("unknown-issuer");
  });

  test("still looks at the time of a chain that it knows", () => {
    const trust = newTrust();
    unwrap(runChecks(unwrap(chainVerify({ chain: chainA, trust, now: NOW })), verifier));
    const now = seconds(usual.bankA.exp + 1);
    expect(chainVerify({ chain: chainA, trust, now })).toMatchObject({
      error: { code: "expired" },
    });
    expect(refusalOf(verify({ trust, now }))).toBe("expired");
  });

  test("finds the newer of two certificates of one provider key", () => {
    const trust = newTrust();
    const renewed: Chain = [bank({ serial: 2 }), certificates.intermediary];
    for (const chain of [renewed, chainA]) {
      unwrap(runChecks(unwrap(chainVerify({ chain, trust, now: NOW })), verifier));
    }
    expect(trust.find(names.bankA, people.bankA.keyId)?.provider.claims.serial).toBe(2);
    expect(trust.chains()).toHaveLength(2);
  });
});

describe("a cache of leaves", () => {
  function cache(): LeafCache & { readonly size: () => number } {
    const leaves = new Map<string, Certified>();
    return {
      get: (key) => leaves.get(key),
      set: (key, value) => void leaves.set(key, value),
      size: () => leaves.size,
    };
  }

  test("makes the same certificate cost nothing the second time, but not its rules", () => {
    const leaves = cache();
    const trust = newTrust();
    unwrap(runChecks(unwrap(verify({ leaves, trust })), verifier));
    const again = unwrap(verify({ leaves, trust, chain: undefined }));
    expect(again.checks).toHaveLength(0);
    expect(unwrap(runChecks(again, verifier)).id).toBe(ids.alice);
    expect(refusalOf(verify({ leaves, trust, roles: ["wallet"] }))).toBe("wrong-role");
    const late = seconds(usual.aliceTa.exp + 1);
    expect(refusalOf(verify({ leaves, trust, now: late }))).toBe("expired");
  });

  test("keeps only what verified, and tells certificates apart by every byte", () => {
    const leaves = cache();
    expect(refusalOf(verify({ leaves, certificate: forged(certificates.aliceTa) }))).toBe(
      "bad-signature",
    );
    expect(leaves.size()).toBe(0);
    const key = certificateCacheKey(certificates.aliceTa);
    expect(certificateCacheKey(forged(certificates.aliceTa))).not.toBe(key);
  });
});

describe("CertVerify of a device", () => {
  const device = (
    changes: Partial<Parameters<typeof deviceVerify>[0]> = {},
  ): string | undefined => {
    const found = deviceVerify({
      certificate: certificates.device,
      roots: [oemRoot],
      now: NOW,
      ...changes,
    });
    if (!found.ok) return found.error.code;
    const done = runChecks(found.value, verifier);
    return done.ok ? done.value.id : done.error.code;
  };

  test("gives the device's id", () => {
    expect(device()).toBe(people.device.deviceId);
  });

  test.each([
    ["another role", "wrong-role", { certificate: certificates.oem }],
    ["the central bank's chain", "wrong-role", { certificate: certificates.aliceTa }],
    ["an OEM that is not accepted", "unknown-issuer", { roots: [] }],
    [
      "an OEM of another name",
      "unknown-issuer",
      { roots: [{ id: institutionId("oem-2"), key: oemRoot.key }] },
    ],
    ["the past", "expired", { now: seconds(usual.device.exp + 1) }],
    ["the future", "not-yet-valid", { now: seconds(usual.device.nbf - CLOCK_SKEW - 1) }],
    ["a forger", "bad-signature", { certificate: forged(certificates.device) }],
  ])("refuses one of %s", (_name, code, changes) => {
    expect(device(changes)).toBe(code);
  });

  test("never takes a device for a TA, nor a TA for a device", () => {
    expect(refusalOf(verify({ certificate: certificates.device, chain: undefined }))).toBe(
      "wrong-role",
    );
  });
});

/** The same certificate with one bit of its signature changed. */
function forged(bytes: Uint8Array): Uint8Array {
  return bytes.with(-1, bytes[bytes.length - 1]! ^ 1);
}

/** A key whose x is on no point of the curve. */
function offCurve(): CompressedKey {
  return `02${"00".repeat(31)}01` as CompressedKey;
}

test("the key that is no point is none for OpenSSL either", () => {
  const { publicKey } = actor("alice ta");
  const check = { message: fromHex("00"), signature: new Uint8Array(64).fill(1) };
  expect(verifier.verify({ key: offCurve(), ...check })).toBe(false);
  expect(verifier.verify({ key: publicKey.compressed, ...check })).toBe(false);
});
