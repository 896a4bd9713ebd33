import {
  sha256,
  toHex,
  type Outcome,
  type Seconds,
  type SyncRequest,
  type TaId,
  type WalletId,
} from "@bezant/protocol";
import type { Transaction } from "@bezant/service/db";
import { bytea, numberReference } from "../ledger/index.ts";
import { keepEvidence } from "../registry/evidence.ts";
import type { SyncedOutcome, SyncedPayment } from "./parts.ts";

const INSERT_PAYMENT = {
  name: "insert-synced-payment",
  text: `INSERT INTO synced_payments
      (client_id, ta_id, j, digest, receiver, receiver_class, amount, payment)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING`,
};
const READ_PAYMENT = {
  name: "read-synced-payment",
  text: `SELECT encode(digest, 'hex') AS digest, payment FROM synced_payments
    WHERE client_id = $1 AND ta_id = $2 AND j = $3`,
};

/** Stores a payment of the TA; a different one with the same index is proof of a broken TEE, and is kept as such. */
export async function storePayment(
  transaction: Transaction,
  client: WalletId,
  { payment, sender, payloadBytes, bytes }: SyncedPayment,
  at: Seconds,
): Promise<void> {
  const { j, receiver, receiverClass, amount } = payment;
  const digest = toHex(sha256(payloadBytes));
  const key = [bytea(client), bytea(sender), j];
  const values = [...key, bytea(digest), bytea(receiver), receiverClass, amount, bytes];
  const { count } = await transaction.query(INSERT_PAYMENT, values);
  if (count === 1) return;
  const { rows } = await transaction.query<{ digest: string; payment: Buffer }>(READ_PAYMENT, key);
  const [known] = rows;
  if (known === undefined || known.digest === digest) return;
  const both = { ta: sender, first: known.payment, second: bytes };
  await keepEvidence(transaction, client, { kind: "payment-fork", ...both }, at);
}

const INSERT_OUTCOME = {
  name: "insert-outcome",
  text: `INSERT INTO outcomes (client_id, signer, subject, kind, sender, j, payload, message)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING`,
};
const READ_OUTCOME = {
  name: "read-outcome",
  text: `SELECT payload, message FROM outcomes
    WHERE client_id = $1 AND signer = $2 AND subject = $3`,
};

/** Stores an outcome; another end of the same request, or of the same payment, is kept as evidence. */
export async function storeOutcome(
  transaction: Transaction,
  client: WalletId,
  ta: TaId,
  { outcome, signer, payloadBytes, bytes }: SyncedOutcome,
  at: Seconds,
): Promise<void> {
  const named = "sender" in outcome ? [bytea(outcome.sender), outcome.j] : [null, null];
  const key = [bytea(client), bytea(signerHex(signer)), bytea(subjectOf(outcome))];
  const values = [...key, outcome.kind, ...named, payloadBytes, bytes];
  const { count } = await transaction.query(INSERT_OUTCOME, values);
  if (count === 1) return;
  const { rows } = await transaction.query<{ payload: Buffer; message: Buffer }>(READ_OUTCOME, key);
  const [known] = rows;
  if (known === undefined || known.payload.equals(payloadBytes)) return;
  const both = { ta, first: known.message, second: bytes };
  await keepEvidence(transaction, client, { kind: "outcome-conflict", ...both }, at);
}

/** What the signer has ended: a request of its own, or a payment to a client. */
function subjectOf(outcome: Outcome): string {
  if (outcome.kind === "claimed" || outcome.kind === "never-settled") {
    return outcome.sender + numberReference(outcome.j);
  }
  return numberReference(outcome.r);
}

function signerHex(signer: string): string {
  return signer.length === 64 ? signer : Buffer.from(signer).toString("hex");
}

// Without a hole, j - row number stays what it was at the last stored index.
const STORED = {
  name: "stored-through",
  text: `SELECT max(j) AS stored FROM (
      SELECT j, j - row_number() OVER (ORDER BY j) AS island FROM synced_payments
      WHERE client_id = $1 AND ta_id = $2 AND j > $3) AS later
    WHERE island = $3`,
};

/** The highest index up to which every payment of the TA is stored. */
export async function storedThrough(
  transaction: Transaction,
  client: WalletId,
  ta: TaId,
  stored: number,
): Promise<number> {
  const values = [bytea(client), bytea(ta), stored];
  const { rows } = await transaction.query<{ stored: bigint | null }>(STORED, values);
  return Number(rows[0]?.stored ?? stored);
}

const FINISH = {
  name: "finish-sync",
  text: `UPDATE tas SET stored = $3, unlock_wanted = $4, unlock_nonce = $5
    WHERE client_id = $1 AND ta_id = $2`,
};

export interface AfterSync {
  readonly stored: number;
  readonly unlockWanted: boolean;
  readonly unlockNonce: Uint8Array | undefined;
}

export async function finishSync(
  transaction: Transaction,
  client: WalletId,
  ta: TaId,
  { stored, unlockWanted, unlockNonce }: AfterSync,
): Promise<void> {
  const values = [bytea(client), bytea(ta), stored, unlockWanted, unlockNonce ?? null];
  await transaction.query(FINISH, values);
}

const RECORD = {
  name: "record-sync",
  text: `INSERT INTO syncs
      (client_id, ta_id, nonce, request, deposits_adjusted, withdrawals_adjusted, synced_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING`,
};

/** What the comparison of both histories has changed in the ledger. */
export interface Adjustment {
  readonly deposits: bigint;
  readonly withdrawals: bigint;
}

export async function recordSync(
  transaction: Transaction,
  client: WalletId,
  ta: TaId,
  request: { readonly payload: SyncRequest; readonly bytes: Uint8Array },
  { deposits, withdrawals }: Adjustment,
  at: Seconds,
): Promise<void> {
  const key = [bytea(client), bytea(ta), bytea(toHex(request.payload.nonce))];
  await transaction.query(RECORD, [...key, request.bytes, deposits, withdrawals, at]);
}
