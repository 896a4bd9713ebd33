import { describe, expect, test } from "vitest";
import {
  amount,
  attach,
  chainVerify,
  counter,
  outcome,
  outcomeVerify,
  payeeToAnybody,
  providerToAnybody,
  runChecks,
  unwrap,
  verdictOf,
  type Attachments,
  type Outcome,
  type Subject,
} from "../../src/index.ts";
import type { Actor } from "../../scripts/vectors/actor.ts";
import {
  certificates,
  certify,
  chainA,
  chainB,
  EUR,
  ids,
  names,
  newTrust,
  NOW,
  people,
  walletOf,
} from "../../scripts/vectors/cast.ts";
import { toBob, toMerchant } from "../../scripts/vectors/examples.ts";
import { verifier } from "../support/verifier.ts";

const { alice: sender } = ids;
const paidBob: Subject = { payment: toBob, sender };
const paidMerchant: Subject = { payment: toMerchant, sender };

const collected: Outcome = {
  kind: "collected",
  sender,
  r: toBob.r,
  j: toBob.j,
  amount: toBob.amount,
};
const voided: Outcome = { kind: "void", r: toBob.r, amount: toBob.amount };
const claimed: Outcome = {
  kind: "claimed",
  sender,
  j: toMerchant.j,
  amount: toMerchant.amount,
  receiver: ids.merchant,
};
const neverSettled: Outcome = { ...claimed, kind: "never-settled" };
const received: Outcome = {
  kind: "received",
  sender,
  r: toMerchant.r,
  j: toMerchant.j,
  amount: toMerchant.amount,
};

const byBob = (value: Outcome, attached: Attachments = { certificate: certificates.bobTa }) =>
  outcome.sign(
    value,
    payeeToAnybody({ currency: EUR, home: names.bankB, payee: ids.bob }),
    people.bobTa,
    attached,
  );
const byMerchant = (
  value: Outcome,
  attached: Attachments = { certificate: certificates.merchant },
) =>
  outcome.sign(
    value,
    payeeToAnybody({ currency: EUR, home: names.bankB, payee: ids.merchant }),
    people.merchant,
    attached,
  );
const byBank = (value: Outcome, bank: Actor, attached: Attachments = {}) =>
  outcome.sign(
    value,
    providerToAnybody({
      currency: EUR,
      provider: bank === people.bankA ? names.bankA : names.bankB,
    }),
    bank,
    attached,
  );
const fromB = { certificate: certificates.merchant, chain: chainB };

/** The verdict, or the code of the refusal, for a payer whose provider is bank A. */
function verdict(bytes: Uint8Array, subject: Subject, home = names.bankA): string {
  const trust = newTrust();
  for (const chain of home === names.bankA ? [chainA] : [chainB]) {
    unwrap(runChecks(unwrap(chainVerify({ chain, trust, now: NOW })), verifier));
  }
  const pending = outcomeVerify(bytes, { trust, now: NOW, subject, home });
  if (!pending.ok) return pending.error.code;
  const done = runChecks(pending.value, verifier);
  return done.ok ? done.value.verdict : done.error.code;
}

describe("an outcome that the payee signs", () => {
  test("settles the payment that it names, and tells of a refund where it ended otherwise", () => {
    expect(verdict(byBob(collected), paidBob)).toBe("settled");
    expect(verdict(byBob({ ...collected, j: counter(9) }), paidBob)).toBe("refund-due");
    expect(verdict(byBob({ ...collected, sender: ids.bob }), paidBob)).toBe("refund-due");
    expect(verdict(byBob(voided), paidBob)).toBe("refund-due");
    expect(verdict(byMerchant(received), paidMerchant)).toBe("received");
  });

  test.each([
    ["is malformed", "malformed", byBob(collected).slice(1), paidBob],
    ["is about another request", "unknown-payment", byBob({ ...voided, r: counter(9) }), paidBob],
    ["is about another class of payee", "unknown-payment", byBob(voided), paidMerchant],
    ["names another amount", "request-mismatch", byBob({ ...voided, amount: amount(1n) }), paidBob],
    ["has no certificate", "missing-certificate", byBob(collected, {}), paidBob],
    [
      "comes with a broken certificate",
      "malformed",
      byBob(collected, { certificate: Uint8Array.of(0) }),
      paidBob,
    ],
    [
      "comes from somebody else",
      "unknown-payment",
      byBob(collected, { certificate: certificates.aliceTa }),
      paidBob,
    ],
    [
      "is signed by somebody else",
      "bad-signature",
      unwrap(attach(byMerchantAs(collected), { certificate: certificates.bobTa })),
      paidBob,
    ],
    [
      "says `received` and comes from a TA's key",
      "unknown-payment",
      byBob(received, { certificate: certificates.bobTa }),
      paidMerchant,
    ],
  ])("is refused if it %s", (_name, code, bytes, subject) => {
    expect(verdict(bytes, subject)).toBe(code);
  });

  test("needs no chain, and no valid certificate: the payee's id is its key", () => {
    const { bobTa } = certificates;
    const forged = bobTa.with(-1, bobTa[bobTa.length - 1]! ^ 1);
    expect(verdict(byBob(collected, { certificate: forged }), paidBob)).toBe("settled");
  });

  function byMerchantAs(value: Outcome): Uint8Array {
    const context = payeeToAnybody({ currency: EUR, home: names.bankB, payee: ids.bob });
    return outcome.sign(value, context, people.merchant);
  }
});

describe("an outcome that a provider signs", () => {
  test("counts from the receiver's provider, shown by the receiver's key", () => {
    expect(verdict(byBank(claimed, people.bankB, fromB), paidMerchant)).toBe("settled");
    expect(verdict(byBank(neverSettled, people.bankB, fromB), paidMerchant)).toBe("refund-due");
  });

  test("counts from the verifier's own provider without more", () => {
    expect(verdict(byBank(claimed, people.bankB), paidMerchant, names.bankB)).toBe("settled");
  });

  const ofA = certify(walletOf(names.bankA, people.merchant), people.bankA);
  test.each([
    ["has no chain", "unknown-issuer", byBank(claimed, people.bankB), paidMerchant],
    [
      "does not show whose client the receiver is",
      "missing-certificate",
      byBank(neverSettled, people.bankB, { chain: chainB }),
      paidMerchant,
    ],
    [
      "shows another client",
      "not-home",
      byBank(neverSettled, people.bankB, { ...fromB, certificate: certificates.aliceWallet }),
      paidMerchant,
    ],
    [
      "is signed with another key than its chain's",
      "unknown-issuer",
      byBank(claimed, people.mallory, fromB),
      paidMerchant,
    ],
    [
      "is about another receiver",
      "unknown-payment",
      byBank({ ...claimed, receiver: ids.aliceWallet }, people.bankB, fromB),
      paidMerchant,
    ],
    [
      "is about a payment to a TA",
      "unknown-payment",
      byBank(claimed, people.bankB, fromB),
      { payment: { ...toMerchant, receiverClass: "ta" as const }, sender },
    ],
    ["is changed", "bad-signature", byBank(claimed, people.bankB, fromB).with(-1, 0), paidMerchant],
  ])("is refused if it %s", (_name, code, bytes, subject) => {
    expect(verdict(bytes, subject)).toBe(code);
  });

  test("does not count from another provider, even where the receiver's key is its client too", () => {
    const attached = { certificate: ofA, chain: chainA };
    expect(verdict(byBank(neverSettled, people.bankA, attached), paidMerchant, names.bankB)).toBe(
      "not-home",
    );
  });
});

test("an outcome settles at most the payment that it names", () => {
  for (const ended of [collected, voided, claimed, neverSettled, received]) {
    const others: readonly Subject[] = [
      { payment: { ...toBob, r: counter(99), j: counter(99) }, sender },
      { payment: { ...toMerchant, r: counter(99), j: counter(99) }, sender },
    ];
    for (const subject of others) expect(verdictOf(ended, subject)).toBeUndefined();
  }
});
