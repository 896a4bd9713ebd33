import {
  amount,
  counter,
  toHex,
  walletIdFromBytes,
  type InterbankPayment,
  type PaymentAdvice,
  type ProviderId,
  type Seconds,
} from "@bezant/protocol";
import type { Transaction } from "@bezant/service/db";

export type PaymentState = "settled" | "refused" | "returned";

export interface PaymentRow {
  /** SHA-256 of what was instructed, lowercase hex. */
  readonly digest: string;
  readonly payeeProvider: ProviderId;
  readonly amount: bigint;
  readonly state: PaymentState;
  readonly reason: string | null;
}

const READ = {
  name: "read-payment",
  text: `SELECT encode(digest, 'hex') AS digest, payee_provider AS "payeeProvider", amount, state, reason
    FROM payments WHERE payer_provider = $1 AND instruction = $2`,
};
const INSERT = {
  name: "insert-payment",
  text: `INSERT INTO payments (payer_provider, instruction, digest, message, payer, payee_provider, payee,
      amount, state, reason, instructed_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
};
const RETURN = {
  name: "return-payment",
  text: `UPDATE payments SET state = 'returned', reason = $3
    WHERE payer_provider = $1 AND instruction = $2`,
};

export async function readPayment(
  transaction: Transaction,
  payer: ProviderId,
  instruction: Uint8Array,
): Promise<PaymentRow | undefined> {
  const { rows } = await transaction.query<PaymentRow>(READ, [payer, instruction]);
  return rows[0];
}

export interface PaymentRecord {
  readonly payerProvider: ProviderId;
  /** SHA-256 of what was instructed. */
  readonly digest: Uint8Array;
  readonly message: Uint8Array;
  readonly payment: InterbankPayment;
}

export async function insertPayment(
  transaction: Transaction,
  { payerProvider, digest, message, payment }: PaymentRecord,
  { state, reason }: { readonly state: PaymentState; readonly reason: string | null },
  at: Seconds,
): Promise<void> {
  const { instruction, payer, payeeProvider, payee, amount: x } = payment;
  const parties = [Buffer.from(payer, "hex"), payeeProvider, Buffer.from(payee, "hex")];
  const values = [payerProvider, instruction, digest, message, ...parties, x, state, reason, at];
  await transaction.query(INSERT, values);
}

export async function setReturned(
  transaction: Transaction,
  payer: ProviderId,
  instruction: Uint8Array,
  reason: string,
): Promise<void> {
  await transaction.query(RETURN, [payer, instruction, reason]);
}

/** With the operation the idempotency key of a payment's postings. */
export function paymentReference(payer: ProviderId, instruction: Uint8Array): string {
  return `${payer}/${toHex(instruction)}`;
}

const ADVISE = {
  name: "insert-advice",
  text: `INSERT INTO advices (provider, n, kind, payer_provider, instruction)
    VALUES ($1, $2, $3, $4, $5)`,
};
const ADVANCE = {
  name: "advance-advice",
  text: "UPDATE providers SET advice = $2 WHERE provider = $1",
};

/** Tells a provider, whose row is locked, of a payment. */
export async function advise(
  transaction: Transaction,
  to: { readonly provider: ProviderId; readonly advice: bigint },
  kind: PaymentAdvice["kind"],
  payer: ProviderId,
  instruction: Uint8Array,
): Promise<void> {
  const n = to.advice + 1n;
  await transaction.query(ADVISE, [to.provider, n, kind, payer, instruction]);
  await transaction.query(ADVANCE, [to.provider, n]);
}

/** What advices are made of. */
export const ADVICE = `SELECT a.n, a.kind, a.payer_provider AS "payerProvider", a.instruction, p.payer,
    p.payee_provider AS "payeeProvider", p.payee, p.amount, p.reason
  FROM advices AS a JOIN payments AS p
    ON p.payer_provider = a.payer_provider AND p.instruction = a.instruction`;

export interface AdviceRow {
  readonly n: bigint;
  readonly kind: PaymentAdvice["kind"];
  readonly payerProvider: ProviderId;
  readonly instruction: Uint8Array;
  readonly payer: Uint8Array;
  readonly payeeProvider: ProviderId;
  readonly payee: Uint8Array;
  readonly amount: bigint;
  readonly reason: string | null;
}

export function adviceOf(row: AdviceRow): PaymentAdvice {
  const common = {
    n: counter(Number(row.n)),
    payerProvider: row.payerProvider,
    instruction: new Uint8Array(row.instruction),
    payer: walletIdFromBytes(row.payer),
    payeeProvider: row.payeeProvider,
    payee: walletIdFromBytes(row.payee),
    amount: amount(row.amount),
  };
  if (row.kind === "payment") return { kind: "payment", ...common };
  return { kind: "return", ...common, reason: row.reason ?? "" };
}
