import { describe, expect, test } from "vitest";
import {
  counter,
  depositConfirmation,
  fromHex,
  holderVerify,
  homeToTa,
  homeVerify,
  oemVerify,
  registration,
  registrationVerify,
  requestVerify,
  runChecks,
  unwrap,
  amount,
  paymentRequest,
  payeeToAnybody,
  evidence,
  withdrawal,
  type AttestationPolicy,
  type Attachments,
  type CompressedKey,
  type Evidence,
  type Pending,
  type Refusal,
  type Result,
} from "../../src/index.ts";
import {
  at,
  certificates,
  chainA,
  chainB,
  EUR,
  ids,
  names,
  newTrust,
  NOW,
  oemRoot,
  people,
} from "../../scripts/vectors/cast.ts";
import {
  aliceEvidence,
  deviceToBankA,
  examples,
  filler,
  toBob,
} from "../../scripts/vectors/examples.ts";
import { verifier } from "../support/verifier.ts";

const bytesOf = (name: string): Uint8Array => examples.find((each) => each.name === name)!.bytes;

function refusalOf<T>(result: Result<Pending<T>, Refusal>): string | undefined {
  if (!result.ok) return result.error.code;
  const done = runChecks(result.value, verifier);
  return done.ok ? undefined : done.error.code;
}

describe("a request for payment", () => {
  const ask = { amount: toBob.amount, r: toBob.r, challenge: toBob.challenge, expires: at(10) };
  const ofBob = payeeToAnybody({ currency: EUR, home: names.bankB, payee: ids.bob });
  const request = (
    attached: Attachments = { certificate: certificates.bobTa, chain: chainB },
    signer = people.bobTa,
  ): Uint8Array => paymentRequest.sign(ask, ofBob, signer, attached);
  const verify = (bytes: Uint8Array, now = NOW) => requestVerify(bytes, { trust: newTrust(), now });

  test("says who asks", () => {
    const verified = unwrap(runChecks(unwrap(verify(request())), verifier));
    expect(verified.request).toEqual(ask);
    expect([verified.payee.role, verified.payee.id]).toEqual(["ta", ids.bob]);
    const wallet = bytesOf("payment-request of a wallet, which does not expire");
    expect(unwrap(runChecks(unwrap(verify(wallet)), verifier)).payee.id).toBe(ids.merchant);
  });

  test("is refused by each of its rules", () => {
    expect(refusalOf(verify(request().slice(1)))).toBe("malformed");
    expect(refusalOf(verify(bytesOf("withdrawal")))).toBe("wrong-type");
    expect(refusalOf(verify(request({})))).toBe("missing-certificate");
    expect(refusalOf(verify(request({ certificate: certificates.bankB, chain: chainB })))).toBe(
      "wrong-role",
    );
    expect(refusalOf(verify(request({ certificate: certificates.bobTa })))).toBe("unknown-issuer");
    expect(refusalOf(verify(request(), at(10)))).toBeUndefined();
    expect(refusalOf(verify(request(), at(11)))).toBe("request-expired");
    expect(refusalOf(verify(request(undefined, people.mallory)))).toBe("bad-signature");
  });
});

describe("a message to the home provider", () => {
  const bytes = bytesOf("withdrawal");
  const known = {
    currency: EUR,
    home: names.bankA,
    id: ids.alice,
    key: people.aliceTa.publicKey.compressed,
  };

  test("is its client's", () => {
    const verified = unwrap(runChecks(unwrap(holderVerify(withdrawal, bytes, known)), verifier));
    expect(verified).toMatchObject({ signer: ids.alice, payload: { amount: 5000n, w: 2 }, bytes });
  });

  test("is nobody else's, and nobody else's provider's", () => {
    const verify = (changes: object) =>
      refusalOf(holderVerify(withdrawal, bytes, { ...known, ...changes }));
    expect(verify({ id: ids.bob })).toBe("bad-signature");
    expect(verify({ home: names.bankB })).toBe("bad-signature");
    expect(verify({ key: people.bobTa.publicKey.compressed })).toBe("bad-signature");
    expect(refusalOf(holderVerify(withdrawal, bytesOf("retirement"), known))).toBe("wrong-type");
  });
});

describe("a registration", () => {
  const at1 = { currency: EUR, provider: names.bankA };

  test("gives the wallet that its key makes at this provider", () => {
    const pending = unwrap(registrationVerify(bytesOf("registration"), at1));
    const { wallet, key } = unwrap(runChecks(pending, verifier));
    expect(wallet).toBe(ids.aliceWallet);
    expect(key).toEqual(people.aliceWallet.publicKey);
  });

  test("is not for another provider, for another's key, or for no key at all", () => {
    const elsewhere = { ...at1, provider: names.bankB };
    expect(refusalOf(registrationVerify(bytesOf("registration"), elsewhere))).toBe("bad-signature");
    const context = examples.find(({ name }) => name === "registration")!.context;
    const stolen = { key: people.aliceWallet.publicKey.compressed };
    const posing = registration.sign(stolen, context, people.mallory);
    expect(refusalOf(registrationVerify(posing, at1))).toBe("bad-signature");
    const none = { key: `02${"00".repeat(31)}01` as CompressedKey };
    const keyless = registration.sign(none, context, people.mallory);
    expect(refusalOf(registrationVerify(keyless, at1))).toBe("bad-key");
    expect(refusalOf(registrationVerify(bytesOf("withdrawal"), at1))).toBe("wrong-type");
  });
});

describe("a message of the home provider", () => {
  const confirmation = { amount: amount(5n), d: counter(1), kind: "deposit" } as const;
  const toAlice = homeToTa({ currency: EUR, home: names.bankA, ta: ids.alice });
  const signed = (attached: Attachments = { chain: chainA }, signer = people.bankA): Uint8Array =>
    depositConfirmation.sign(confirmation, toAlice, signer, attached);
  const verify = (
    bytes: Uint8Array,
    { home = names.bankA, ta = ids.alice, trust = newTrust() } = {},
  ) => homeVerify(depositConfirmation, bytes, { home, ta, trust, now: NOW });

  test("is taken with its chain, and later without", () => {
    const trust = newTrust();
    const verified = unwrap(runChecks(unwrap(verify(signed(), { trust })), verifier));
    expect(verified).toMatchObject({ home: names.bankA, payload: confirmation });
    const again = unwrap(verify(signed({}), { trust }));
    expect(again.checks).toHaveLength(1);
    expect(refusalOf(verify(signed({}), { trust }))).toBeUndefined();
  });

  test("is refused by each of its rules", () => {
    expect(refusalOf(verify(signed().slice(1)))).toBe("malformed");
    expect(refusalOf(verify(signed({})))).toBe("unknown-issuer");
    expect(refusalOf(verify(signed({ chain: chainB })))).toBe("unknown-issuer");
    expect(refusalOf(verify(signed({ chain: chainB }, people.bankB)))).toBe("not-home");
    expect(refusalOf(verify(signed(), { ta: ids.bob }))).toBe("bad-signature");
    expect(refusalOf(verify(signed().with(-1, 0)))).toBe("bad-signature");
  });
});

describe("OEMVerify", () => {
  const policy: AttestationPolicy = {
    oemRoots: [oemRoot],
    trustedApps: [{ measurement: aliceEvidence.measurements.taMeasurement, version: 1 }],
    trustedOses: [{ measurement: aliceEvidence.measurements.tosMeasurement, version: 1 }],
    minimumLevel: 1,
    anchor: people.root.publicKey,
  };
  const input = { policy, relyingParty: names.bankA, nonce: aliceEvidence.nonce, now: NOW };
  const signed = (
    changes: Partial<Evidence> = {},
    attached: Attachments = deviceToBankA.attached,
  ) =>
    evidence.sign({ ...aliceEvidence, ...changes }, deviceToBankA.context, people.device, attached);
  const measured = (changes: Partial<Evidence["measurements"]>): Uint8Array =>
    signed({ measurements: { ...aliceEvidence.measurements, ...changes } });
  const verify = (bytes: Uint8Array, changes: Partial<typeof input> = {}) =>
    refusalOf(oemVerify(bytes, { ...input, ...changes }));

  test("says which TA runs on which device", () => {
    const verified = unwrap(runChecks(unwrap(oemVerify(signed(), input)), verifier));
    expect(verified.ta).toBe(ids.alice);
    expect(verified.key).toEqual(people.aliceTa.publicKey);
    expect(verified.device.id).toBe(people.device.deviceId);
  });

  test.each([
    ["is malformed", "malformed", signed().slice(1)],
    ["is no evidence", "wrong-type", bytesOf("withdrawal")],
    ["has no device certificate", "missing-certificate", signed({}, {})],
    ["has a TA's certificate", "wrong-role", signed({}, { certificate: certificates.aliceTa })],
    ["is of another device", "wrong-key", signed({ device: people.mallory.deviceId })],
    ["answers another nonce", "unknown-nonce", signed({ nonce: filler("other", 16) })],
    ["has another TA", "untrusted-measurement", measured({ taMeasurement: filler("x", 32) })],
    ["has another TA version", "untrusted-measurement", measured({ taVersion: 2 })],
    ["has another TOS", "untrusted-measurement", measured({ tosMeasurement: filler("x", 32) })],
    ["has another TOS version", "untrusted-measurement", measured({ tosVersion: 0 })],
    ["claims more than was certified", "security-level", measured({ securityLevel: 2 })],
    ["can be debugged", "debug-enabled", signed({ debug: 0 })],
    ["trusts another root", "wrong-anchor", measured({ anchor: fromHex(people.bankA.thumbprint) })],
    ["has no key", "bad-key", signed({ key: `02${"00".repeat(31)}01` as CompressedKey })],
    ["is changed", "bad-signature", signed().with(-1, 0)],
  ])("refuses evidence that %s", (_name, code, bytes) => {
    expect(verify(bytes)).toBe(code);
  });

  test("refuses evidence that was made for another provider", () => {
    expect(verify(signed(), { relyingParty: names.bankB })).toBe("bad-signature");
  });

  test("refuses a level below the policy's, and a maker that the policy does not name", () => {
    expect(verify(signed(), { policy: { ...policy, minimumLevel: 2 } })).toBe("security-level");
    expect(verify(signed(), { policy: { ...policy, oemRoots: [] } })).toBe("unknown-issuer");
  });
});
