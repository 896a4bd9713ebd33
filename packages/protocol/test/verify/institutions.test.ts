import { describe, expect, it } from "vitest";
import {
  amount,
  centralBankVerify,
  counter,
  institutionId,
  institutionStatus,
  institutionStatusVerify,
  institutionToAnybody,
  providerVerify,
  runChecks,
  seconds,
  settlementQuery,
  settlementStatement,
  betweenInstitutions,
  unwrap,
  type Claims,
  type KeyId,
} from "../../src/index.ts";
import {
  at,
  certificates,
  certify,
  EUR,
  names,
  newTrust,
  NOW,
  people,
  usual,
} from "../../scripts/vectors/cast.ts";
import { verifier } from "../support/verifier.ts";

const centralBank = names.root;
const query = { kind: "status", at: NOW } as const;

/** What a provider with this certificate says to the central bank. */
function saidBy(changes: Partial<Claims>, issuer = people.intermediary): Uint8Array {
  const certificate = certify({ ...usual.bankA, ...changes } as Claims, issuer);
  const context = betweenInstitutions({
    currency: EUR,
    signer: names.bankA,
    audience: centralBank,
  });
  const chain = [certificate, certificates.intermediary] as const;
  return settlementQuery.sign(query, context, people.bankA, { chain });
}

function trustWith(...revoked: readonly KeyId[]) {
  const trust = newTrust();
  const list = { sequence: 1, issuedAt: NOW, revoked: revoked.map((key) => [key, NOW] as const) };
  const context = institutionToAnybody({ currency: EUR, institution: names.root });
  const bytes = institutionStatus.sign(list, context, people.root);
  const pending = unwrap(institutionStatusVerify(bytes, { trust, now: NOW }));
  trust.revoked.learn(unwrap(runChecks(pending, verifier)));
  return trust;
}

describe("the central bank", () => {
  const hear = (bytes: Uint8Array, trust = newTrust()) => {
    const pending = providerVerify(settlementQuery, bytes, {
      audience: centralBank,
      trust,
      now: NOW,
    });
    return pending.ok ? runChecks(pending.value, verifier) : pending;
  };

  it("hears a provider that nothing is wrong with", () => {
    expect(hear(saidBy({}))).toMatchObject({ ok: true, value: { provider: names.bankA } });
  });

  it.each<[string, Uint8Array, string]>([
    ["expired", saidBy({ exp: at(-1) }), "expired"],
    ["out of role", saidBy({ role: "intermediary" }), "wrong-role"],
    ["under another issuer", saidBy({}, people.mallory), "unknown-issuer"],
    ["of another currency's issuer", saidBy({ iss: institutionId("int-2") }), "unknown-issuer"],
  ])("refuses a provider that is %s", (_what, bytes, code) => {
    expect(hear(bytes)).toMatchObject({ error: { code } });
  });

  it("refuses a revoked provider, also for what it says it signed long ago", () => {
    const trust = trustWith(people.bankA.keyId);
    expect(hear(saidBy({}), trust)).toMatchObject({ error: { code: "issuer-revoked" } });
  });
});

describe("the central bank's service", () => {
  it("is believed by providers until its key is revoked", () => {
    const service: Claims = {
      role: "central-bank",
      iss: names.root,
      sub: names.root,
      currency: EUR,
      key: people.oem.publicKey.compressed,
      serial: 1,
      nbf: at(-60),
      exp: seconds(NOW + 60),
    };
    const certificate = certify(service, people.root);
    const statement = {
      report: counter(0),
      digest: new Uint8Array(32),
      window: counter(0),
      closed: counter(0),
      reserves: amount(0n),
      prefund: amount(0n),
      advices: counter(0),
    };
    const parties = { currency: EUR, signer: centralBank, audience: names.bankA };
    const context = betweenInstitutions(parties);
    const bytes = settlementStatement.sign(statement, context, people.oem, {
      certificate,
    });
    const hear = (trust = newTrust()) =>
      centralBankVerify(settlementStatement, bytes, { audience: names.bankA, trust, now: NOW });
    expect(runChecks(unwrap(hear()), verifier).ok).toBe(true);
    expect(hear(trustWith(people.oem.keyId))).toMatchObject({ error: { code: "issuer-revoked" } });
  });
});
