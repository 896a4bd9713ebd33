import { institutionId } from "@bezant/protocol";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  combine,
  type CombinedAudit,
  type ProviderLedger,
  type ProviderSupply,
  type Supply,
} from "../src/index.ts";

const [A, B] = [institutionId("bank-a"), institutionId("bank-b")];

/** Two providers with money everywhere: 300 went out at A, 200 of it came back at B, 40 were paid from A to B. */
const account = (provider: typeof A, changes: Partial<ProviderSupply>): ProviderSupply => ({
  provider,
  status: "open",
  reserves: 0n,
  prefund: 0n,
  loss: 0n,
  issued: 1000n,
  received: 0n,
  report: 1n,
  outward: 0n,
  inward: 0n,
  pendingOutward: 0n,
  pendingInward: 0n,
  advice: 0n,
  ...changes,
});
const supply: Supply = {
  issuance: 2000n,
  circulation: 100n,
  loss: 0n,
  window: 2n,
  providers: [
    account(A, { reserves: 460n, prefund: 200n, outward: 300n, received: -40n }),
    account(B, { reserves: 1240n, inward: 200n, received: 40n, advice: 1n }),
  ],
  tampered: [],
  mismatches: [],
};
const ledger = (provider: typeof A, changes: Partial<ProviderLedger>): ProviderLedger => ({
  provider,
  online: 0n,
  suspense: 0n,
  offline: 0n,
  interbank: 0n,
  funded: 0n,
  balanced: true,
  accepted: 1n,
  cut: 1n,
  reported: 0n,
  forgottenOutward: 0n,
  writtenOff: 0n,
  forgottenInward: 0n,
  advices: 0n,
  sending: 0n,
  ...changes,
});
const a = ledger(A, { funded: 600n, online: 260n, offline: 300n, interbank: 40n, reported: 300n });
const b = ledger(B, {
  funded: 100n,
  online: 290n,
  suspense: 50n,
  offline: -200n,
  interbank: -40n,
  reported: -200n,
  advices: 1n,
});
const what = ({ findings }: CombinedAudit) => findings.map((one) => [one.holder, one.off]);

test("what everybody has is what was issued", () => {
  const audit = combine(supply, [a, b]);
  expect(audit).toMatchObject({
    issuance: 2000n,
    online: 550n,
    suspense: 50n,
    free: 1300n,
    offline: 100n,
    inFlight: 0n,
    findings: [],
    missing: [],
  });
  expect(audit.providers.map(({ free }) => free)).toEqual([400n, 900n]);
});

test("what a provider has written off after a restore is named, and its free reserves lack it", () => {
  const changed = { ...a, online: 310n, offline: 250n + 50n, funded: 650n, writtenOff: 50n };
  const audit = combine(supply, [changed, b]);
  expect(audit).toMatchObject({ writtenOff: 50n, free: 1250n, findings: [] });
});

describe("what is on its way is pending, and no finding", () => {
  test("a deposit that is not reported", () => {
    const audit = combine(supply, [{ ...a, online: 250n, offline: 310n }, b]);
    expect(audit.providers[0]?.unreported).toBe(10n);
    expect(audit.findings).toEqual([]);
  });

  test("a payment that its payee's provider has not booked, or its payer's not sent", () => {
    const received = { ...b, online: 250n, interbank: 0n, advices: 0n };
    expect(combine(supply, [a, received])).toMatchObject({ inFlight: 40n, findings: [] });
    const sending = { ...a, online: 253n, interbank: 47n, sending: 7n };
    expect(combine(supply, [sending, b])).toMatchObject({ inFlight: 7n, findings: [] });
  });
});

describe("what cannot be on its way is a finding, with its owner and amount", () => {
  test("reports that do not say what the ledger says", () => {
    const changed = { ...a, online: 255n, offline: 305n, reported: 305n };
    expect(what(combine(supply, [changed, b]))).toEqual([[A, 5n]]);
  });

  test("accepted reports that the central bank has not", () => {
    expect(what(combine(supply, [{ ...a, accepted: 3n, cut: 3n }, b]))).toEqual([[A, 2n]]);
  });

  test("payments between providers that were booked otherwise", () => {
    const changed = { ...b, online: 293n, interbank: -43n };
    expect(what(combine(supply, [a, changed]))).toEqual([[B, -3n]]);
  });

  test("clients funded with more than the provider has", () => {
    const audit = combine(supply, [{ ...a, funded: 1001n, online: 661n }, b]);
    expect(what(audit)).toEqual([[A, 1n]]);
  });

  test("a ledger that is off, and an issuance that is not what everybody has", () => {
    const audit = combine(supply, [{ ...a, online: 261n, balanced: false }, b]);
    expect(what(audit)).toEqual([
      [A, 0n],
      ["", 1n],
    ]);
    const forged = { ...supply, issuance: 2001n };
    expect(what(combine(forged, [a, b]))).toEqual([
      ["", 0n],
      ["", -1n],
    ]);
  });

  test("a provider without an account here", () => {
    const stranger = { ...b, provider: institutionId("bank-x") };
    expect(what(combine(supply, [a, b, stranger]))).toEqual([["bank-x", 0n]]);
  });
});

test("a provider that was not asked is missing, and nothing is said of the sum", () => {
  expect(combine(supply, [a])).toMatchObject({ missing: [B], findings: [] });
});

test("any change of one online balance alone is found", () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -200n, max: 10_000n }), (off) => {
      fc.pre(off !== 0n);
      const { findings } = combine(supply, [{ ...a, online: a.online + off }, b]);
      expect(findings).toEqual([{ holder: "", what: expect.any(String) as string, off }]);
    }),
  );
});

test("losses have owners, and are neither hidden nor counted twice", () => {
  // A deposited 50 beyond its allowance; 30 that nobody had put out came back at B.
  const lossy: Supply = {
    ...supply,
    circulation: 150n,
    loss: 0n,
    providers: [
      account(A, { reserves: 460n, prefund: 200n, outward: 350n, loss: 50n, received: -40n }),
      supply.providers[1]!,
    ],
  };
  const changed = { ...a, online: 210n, offline: 350n, reported: 350n };
  expect(combine(lossy, [changed, b])).toMatchObject({ losses: 50n, findings: [], offline: 150n });
});
