import type { Floor } from "./floor.ts";

/**
 * What one payment from TA to TA contains. Signatures: the request, P, the outcome. Verifications: Pay checks the payee's certificate
 * and the request, the payee's wallet and its TA each the sender's certificate and P, Settle the outcome. Durable writes: two for each of
 * the four commits, of which the answer waits for the first (docs/adr/0096).
 */
export const CONTAINS = { signs: 3, verifies: 7, fdatasyncs: 8, behindAnswers: 4 };

type CommandCalls = {
  /** In the order in which the command makes them, before it answers. */
  readonly calls: readonly (keyof Floor)[];
  /** Once it has answered. */
  readonly behind: readonly (keyof Floor)[];
};

const BEHIND = ["fdatasync"] as const;
const [REQUEST, PAY, COLLECT, SETTLE] = [0, 1, 2, 3] as const;

/** The raw calls of each command. */
export const COMMAND_CALLS: readonly CommandCalls[] = [
  { calls: ["sign", "fdatasync"], behind: BEHIND },
  { calls: ["verify", "verify", "sign", "fdatasync"], behind: BEHIND },
  { calls: ["verify", "verify", "sign", "fdatasync"], behind: BEHIND },
  { calls: ["verify", "fdatasync"], behind: BEHIND },
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

/** All calls of a payment, one after another. */
export const IN_ORDER: readonly (keyof Floor)[] = STEPS.flatMap((step) => {
  if (step.at === "wallet") return PAY_VERIFY_CALLS;
  const command = COMMAND_CALLS[step.command];
  return command === undefined ? [] : [...command.calls, ...command.behind];
});
