import type { Floor } from "./floor.ts";

/**
 * What one payment from TA to TA contains, however it is programmed. Signatures: the request, P, the outcome. Verifications:
 * Pay checks the payee's certificate and the request, the payee's wallet and its TA each the sender's certificate and P,
 * Settle the outcome. Durable writes: two for each of the four commits (object, then replay-protected memory).
 */
export const CONTAINS = { signs: 3, verifies: 7, fdatasyncs: 8 };

const COMMIT = ["fdatasync", "fdatasync"] as const;
const [REQUEST, PAY, COLLECT, SETTLE] = [0, 1, 2, 3] as const;

/** The raw calls of each command, in the order in which it makes them. */
export const COMMAND_CALLS: readonly (readonly (keyof Floor)[])[] = [
  ["sign", ...COMMIT],
  ["verify", "verify", "sign", ...COMMIT],
  ["verify", "verify", "sign", ...COMMIT],
  ["verify", ...COMMIT],
];

/** Those of PayVerify, by the payee's wallet. */
export const PAY_VERIFY_CALLS = ["verify", "verify"] as const;

/** A payment's steps in their order: a command in the payer's or the payee's device, or the wallet's own verification. */
export const STEPS = [
  { at: "payee", command: REQUEST },
  { at: "payer", command: PAY },
  { at: "wallet" },
  { at: "payee", command: COLLECT },
  { at: "payer", command: SETTLE },
] as const;

/** All calls of a payment, as they follow one another. */
export const IN_ORDER: readonly (keyof Floor)[] = STEPS.flatMap((step) =>
  step.at === "wallet" ? PAY_VERIFY_CALLS : (COMMAND_CALLS[step.command] ?? []),
);
