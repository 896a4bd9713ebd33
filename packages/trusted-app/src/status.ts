/** The answers of the TA's commands, in the order of their numbers (docs/protocol.md §13.5). */
export const STATUSES = [
  "ok",
  "malformed",
  "unknown-command",
  "wrong-phase",
  "bad-key",
  "wrong-type",
  "unsupported-algorithm",
  "wrong-role",
  "wrong-currency",
  "unknown-issuer",
  "wrong-validity",
  "expired",
  "bad-signature",
  "wrong-key",
  "wrong-limits",
  "not-home",
  "stale-serial",
  "stale-limits",
  "limit-holding",
  "limit-payment",
  "limit-count",
  "limit-value",
  "insufficient-balance",
  "pin-required",
  "pin-not-set",
  "pin-not-begun",
  "pin-wrong",
  "pin-locked",
  "outbox-full",
  "outbox-not-full",
  "requests-full",
  "counter-exhausted",
  "overflow",
  "deposit-conflict",
  "deposit-stale",
  "deposit-gap",
  "ack-ahead",
  "missing-certificate",
  "self-payment",
  "request-mismatch",
  "request-expired",
  "request-void",
  "request-collected",
  "unknown-request",
  "unknown-payment",
  "unknown-withdrawal",
  "wrong-audience",
  "unsupported-payment-type",
  "refund-due",
  "sync-not-pending",
  "not-empty",
  "payee-revoked",
  "payee-unchecked",
  "payer-revoked",
  "payer-unchecked",
  "issuer-revoked",
] as const;

export type Status = (typeof STATUSES)[number];
/** Why the TA refused. Nothing has changed, except that a wrong PIN has spent its try. */
export type TaRefusal = Exclude<Status, "ok">;

const NUMBERS = new Map<Status, number>(STATUSES.map((status, number) => [status, number]));

export function statusNumber(status: Status): number {
  return NUMBERS.get(status) as number;
}

/** The status that a number stands for; undefined for a number that no TA of this version gives. */
export function statusOf(number: number): Status | undefined {
  return STATUSES[number];
}
