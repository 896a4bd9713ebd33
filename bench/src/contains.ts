import type { Floor } from "./floor.ts";

const [REQUEST, PAY, COLLECT, SETTLE] = [0, 1, 2, 3] as const;

/**
 * The raw calls of each command, in the order in which it makes them. Pay checks the payee's certificate and the request, the payee's
 * TA the sender's certificate and P, Settle the outcome.
 */
export const COMMAND_CALLS: readonly (readonly (keyof Floor)[])[] = [
  ["sign", "fdatasync"],
  ["verify", "verify", "sign", "fdatasync"],
  ["verify", "verify", "sign", "fdatasync"],
  ["verify", "fdatasync"],
];

/** What each of them does once it has answered (docs/adr/0096). */
export const BEHIND_ANSWER = ["fdatasync"] as const;

/** Those of PayVerify, by the payee's wallet: the sender's certificate and P. */
export const PAY_VERIFY_CALLS = ["verify", "verify"] as const;

/** A payment's steps in their order: a command in the payer's or the payee's device, or the wallet's own verification. */
export const STEPS = [
  { at: "payee", command: REQUEST },
  { at: "payer", command: PAY },
  { at: "wallet" },
  { at: "payee", command: COLLECT },
  { at: "payer", command: SETTLE },
] as const;

/** All calls of a payment, one after another. */
export const IN_ORDER: readonly (keyof Floor)[] = STEPS.flatMap((step) =>
  step.at === "wallet"
    ? PAY_VERIFY_CALLS
    : [...(COMMAND_CALLS[step.command] ?? []), ...BEHIND_ANSWER],
);

/** What one payment from TA to TA contains; of its durable writes so many are made behind an answer. */
export const CONTAINS = {
  signs: count("sign"),
  verifies: count("verify"),
  fdatasyncs: count("fdatasync"),
  behindAnswers: COMMAND_CALLS.length * BEHIND_ANSWER.length,
};

function count(call: keyof Floor): number {
  return IN_ORDER.filter((one) => one === call).length;
}
