import {
  ok,
  toHex,
  type Amount,
  type PaymentAdvice,
  type ProviderId,
  type Result,
  type Seconds,
} from "@bezant/protocol";
import type { Database, Rows, Transaction, Unavailable } from "@bezant/service/db";
import { bytea } from "../ledger/index.ts";

/** What became of an advice. `refused`: nobody here can have the money, and it has to go back. */
export interface Booking {
  readonly status: "credited" | "refused" | "unmatched";
  readonly reason?: string;
}

const LAST = {
  name: "last-advice",
  text: "SELECT coalesce(max(number), 0) AS number FROM advices",
};
const INSERT = {
  name: "insert-advice",
  text: `INSERT INTO advices (number, kind, client, party, provider, instruction, amount, status, reason,
      message, booked_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
    ON CONFLICT (number) DO NOTHING`,
};
const REFUSED = {
  name: "refused-advices",
  text: `SELECT number, provider, encode(instruction, 'hex') AS instruction, amount, reason FROM advices
    WHERE status = 'refused' ORDER BY number LIMIT $1`,
};
const RETURNED = {
  name: "advice-returned",
  text: "UPDATE advices SET status = 'returned' WHERE number = $1 AND status = 'refused'",
};

export async function lastAdvice(db: Database): Promise<Result<bigint, Unavailable>> {
  const found = await db.query<{ number: bigint }>(LAST);
  return found.ok ? ok(found.value.rows[0]?.number ?? 0n) : found;
}

/** False: it is booked already. */
export async function insertAdvice(
  transaction: Transaction,
  advice: PaymentAdvice,
  { status, reason }: Booking,
  message: Uint8Array,
  at: Seconds,
): Promise<boolean> {
  const isPayment = advice.kind === "payment";
  const [client, party] = isPayment ? [advice.payee, advice.payer] : [advice.payer, advice.payee];
  const provider = isPayment ? advice.payerProvider : advice.payeeProvider;
  const instruction = bytea(toHex(advice.instruction));
  const values = [advice.n, advice.kind, bytea(client), bytea(party), provider, instruction];
  const rest = [advice.amount, status, reason ?? null, message, at];
  const { count } = await transaction.query(INSERT, [...values, ...rest]);
  return count === 1;
}

/** An advice whose money has to go back. */
export interface Refused {
  readonly number: bigint;
  readonly provider: ProviderId;
  readonly instruction: string;
  readonly amount: Amount;
  readonly reason: string;
}

export function readRefused(
  db: Database,
  limit: number,
): Promise<Result<Rows<Refused>, Unavailable>> {
  return db.query<Refused>(REFUSED, [limit]);
}

export async function setAdviceReturned(transaction: Transaction, number: bigint): Promise<void> {
  await transaction.query(RETURNED, [number]);
}
