import { describe, expect, test } from "vitest";
import {
  certificateCacheKey,
  certVerify,
  chainVerify,
  runChecks,
  runChecksAsync,
  seconds,
  unwrap,
  type Certified,
  type CertRefusal,
  type Chain,
  type Claims,
  type LeafCache,
  type PendingLeaf,
  type Result,
} from "../../src/index.ts";
import {
  at,
  certificates,
  certify,
  chainA,
  chainB,
  ids,
  names,
  newTrust,
  NOW,
  people,
  usual,
} from "../../scripts/vectors/cast.ts";
import { forged } from "../../scripts/vectors/certificates.ts";
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
// What each rule refuses is in vectors/certificates.json.

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

  test("takes an expired one, and an expired chain, within their grace", () => {
    const old = leaf({ exp: at(-100) });
    expect(refusalOf(verify({ certificate: old, grace: 99 }))).toBe("expired");
    expect(refusalOf(verify({ certificate: old, grace: 100 }))).toBeUndefined();
    const both = {
      certificate: old,
      chain: [bank({ exp: at(-100) }), certificates.intermediary] as const,
    };
    expect(refusalOf(verify({ ...both, grace: 99 }))).toBe("expired");
    expect(refusalOf(verify({ ...both, grace: 100 }))).toBeUndefined();
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
