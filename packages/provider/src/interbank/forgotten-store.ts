import {
  toHex,
  type Amount,
  type ProviderId,
  type Seconds,
  type SettledPayment,
  type WalletId,
} from "@bezant/protocol";
import type { Transaction } from "@bezant/service/db";
import { bytea } from "../ledger/index.ts";

/** A payment of before a restore, as it was booked. */
export interface Forgotten {
  readonly receiver: WalletId;
  readonly provider: ProviderId;
  /** Out of the client's balance, and what that did not cover. */
  readonly covered: bigint;
  readonly lost: bigint;
  /** False: the payer is a client whom the backup has not seen. */
  readonly hasAccount: boolean;
  readonly status: "settled" | "returned";
  readonly reason: string | null;
  readonly sequence: bigint;
  readonly at: bigint;
}

const READ = {
  name: "read-forgotten-payment",
  text: `SELECT encode(receiver, 'hex') AS receiver, provider, covered, lost, has_account AS "hasAccount",
      status, reason, sequence, booked_at AS at
    FROM forgotten_payments WHERE client_id = $1 AND instruction = $2`,
};
const INSERT = {
  name: "insert-forgotten-payment",
  text: `INSERT INTO forgotten_payments (client_id, instruction, provider, receiver, covered, lost,
      has_account, status, sequence, message, booked_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, 'settled', $8, $9, $10) ON CONFLICT DO NOTHING`,
};
const RETURN = {
  name: "return-forgotten-payment",
  text: `UPDATE forgotten_payments SET status = 'returned', reason = $3
    WHERE client_id = $1 AND instruction = $2 AND status = 'settled'`,
};
const CAME_BACK = {
  name: "payment-came-back",
  text: "SELECT 1 FROM advices WHERE kind = 'return' AND client = $1 AND instruction = $2",
};

export async function readForgotten(
  transaction: Transaction,
  client: WalletId,
  instruction: string,
): Promise<Forgotten | undefined> {
  const { rows } = await transaction.query<Forgotten>(READ, [bytea(client), bytea(instruction)]);
  return rows[0];
}

export interface Booked {
  readonly covered: bigint;
  readonly lost: bigint;
  readonly hasAccount: boolean;
  readonly sequence: bigint;
}

export async function insertForgotten(
  transaction: Transaction,
  { instruction, payer, payeeProvider, payee }: SettledPayment,
  { covered, lost, hasAccount, sequence }: Booked,
  message: Uint8Array,
  at: Seconds,
): Promise<void> {
  const key = [bytea(payer), bytea(toHex(instruction)), payeeProvider, bytea(payee)];
  const values = [...key, covered, lost, hasAccount, sequence, message, at];
  await transaction.query(INSERT, values);
}

export async function setForgottenReturned(
  transaction: Transaction,
  client: WalletId,
  instruction: string,
  reason: string,
): Promise<void> {
  await transaction.query(RETURN, [bytea(client), bytea(instruction), reason]);
}

/** Whether it was heard already that the payment came back: then it has moved nothing. */
export async function hasComeBack(
  transaction: Transaction,
  client: WalletId,
  instruction: string,
): Promise<boolean> {
  const { count } = await transaction.query(CAME_BACK, [bytea(client), bytea(instruction)]);
  return count > 0;
}

export function amountOf({ covered, lost }: Forgotten): Amount {
  return (covered + lost) as Amount;
}
