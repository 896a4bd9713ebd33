import fc from "fast-check";
import { expect, test } from "vitest";
import {
  counter,
  outcomeVerify,
  runChecks,
  unwrap,
  verdictOf,
  type Outcome,
  type Subject,
} from "../../src/index.ts";
import { ids, newTrust, names, NOW } from "../../scripts/vectors/cast.ts";
import { examples, toBob, toMerchant } from "../../scripts/vectors/examples.ts";
import { outcomeCases } from "../../scripts/vectors/outcomes.ts";
import { verifier } from "../support/verifier.ts";

// What each rule refuses is in vectors/outcomes.json.

const { alice: sender } = ids;
const outcomes = examples
  .filter(({ message }) => message.name === "outcome")
  .map(({ payload }) => payload as Outcome);

test("gives the outcome with its bytes and what it means", () => {
  const { bytes, subject, home } = outcomeCases[0]!.input;
  const pending = outcomeVerify(bytes, { trust: newTrust(), now: NOW, subject, home });
  const verified = unwrap(runChecks(unwrap(pending), verifier));
  expect(verified).toMatchObject({ verdict: "settled", outcome: { kind: "collected" }, bytes });
  expect(home).toBe(names.bankA);
});

test("an outcome is about no payment but the one it names by request, or by sender and index", () => {
  const number = fc.integer({ min: 0, max: 3 }).map((n) => counter(n));
  const subjects = fc.record({
    payment: fc.record({
      receiver: fc.constantFrom(ids.bob, ids.merchant),
      receiverClass: fc.constantFrom("ta" as const, "wallet" as const),
      r: number,
      j: number,
      amount: fc.constantFrom(toBob.amount),
    }),
    sender: fc.constantFrom(ids.alice, ids.bob),
  });
  const numbers = fc.record({ r: number, j: number });
  fc.assert(
    fc.property(fc.constantFrom(...outcomes), numbers, subjects, (shape, given, subject) => {
      const ended = {
        ...shape,
        ...("r" in shape ? { r: given.r } : {}),
        ...("j" in shape ? { j: given.j } : {}),
      } as Outcome;
      const verdict = verdictOf(ended, subject);
      const { payment } = subject;
      const named = "j" in ended && ended.j === payment.j && ended.sender === subject.sender;
      if (verdict === undefined) return;
      if ("r" in ended) expect(ended.r).toBe(payment.r);
      if (verdict !== "refund-due") expect(named).toBe(true);
      if (ended.kind === "never-settled") expect(named).toBe(true);
      expect(payment.receiverClass).toBe(
        ended.kind === "collected" || ended.kind === "void" ? "ta" : "wallet",
      );
    }),
  );
});

test("each kind settles, refunds or acknowledges the payment that it names, and nothing else does", () => {
  const bob: Subject = { payment: toBob, sender };
  const merchant: Subject = { payment: toMerchant, sender };
  const verdicts = outcomes.map((ended) => [
    ended.kind,
    verdictOf(ended, bob) ?? verdictOf(ended, merchant),
  ]);
  expect(Object.fromEntries(verdicts)).toEqual({
    collected: "settled",
    void: "refund-due",
    claimed: "settled",
    "never-settled": "refund-due",
    received: "received",
  });
});
