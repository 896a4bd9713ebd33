import type { Amount, Seconds, TaId, WalletId } from "@bezant/protocol";
import type { Transaction } from "@bezant/service/db";
import type { Claim } from "../claim/store.ts";
import { bytea } from "../ledger/index.ts";
import { revokedAt } from "./revocations.ts";

const INSERT_CLAIM = {
  name: "insert-claim-review",
  text: `INSERT INTO claim_reviews (client_id, sender, j, amount, digest, payment, brought_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING`,
};
const READ_CLAIM = {
  name: "read-claim-review",
  text: `SELECT amount, encode(digest, 'hex') AS digest, payment FROM claim_reviews
    WHERE client_id = $1 AND sender = $2 AND j = $3`,
};

/** Keeps a payment that nobody may credit before it was looked at. */
export async function insertClaimReview(
  transaction: Transaction,
  { receiver, sender, j, amount, digest, payment }: Claim,
  at: Seconds,
): Promise<void> {
  const key = [bytea(receiver), bytea(sender), j];
  await transaction.query(INSERT_CLAIM, [...key, amount, bytea(digest), payment, at]);
}

export interface ClaimReview {
  readonly amount: Amount;
  readonly digest: string;
  readonly payment: Uint8Array;
}

export async function readClaimReview(
  transaction: Transaction,
  { receiver, sender, j }: Pick<Claim, "receiver" | "sender" | "j">,
): Promise<ClaimReview | undefined> {
  const values = [bytea(receiver), bytea(sender), j];
  const { rows } = await transaction.query<ClaimReview>(READ_CLAIM, values);
  return rows[0];
}

const OWNER = {
  name: "client-of-ta",
  text: "SELECT encode(client_id, 'hex') AS client FROM ta_directory WHERE ta_id = $1",
};
const SYNCED = {
  name: "synced-payment-digest",
  text: `SELECT encode(digest, 'hex') AS digest FROM synced_payments
    WHERE client_id = $1 AND ta_id = $2 AND j = $3`,
};

/**
 * Whether this payment of a revoked TA of our own was known before the TA was revoked: it had told of it at a sync, and
 * every payment before it. Nobody can have made it since.
 */
export async function wasKnown(transaction: Transaction, claim: Claim): Promise<boolean> {
  const { sender, j, digest } = claim;
  const owner = await transaction.query<{ client: WalletId }>(OWNER, [bytea(sender)]);
  const client = owner.rows[0]?.client;
  if (client === undefined) return false;
  const stored = await revokedAt(transaction, client, sender);
  if (stored === undefined || j > stored) return false;
  const values = [bytea(client), bytea(sender), j];
  const { rows } = await transaction.query<{ digest: string }>(SYNCED, values);
  return rows[0]?.digest === digest;
}

const INSERT_REFUND = {
  name: "insert-refund-review",
  text: `INSERT INTO refund_reviews (client_id, ta_id, j, amount, payment, outcome, brought_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING`,
};
const RELEASE_REFUND = {
  name: "release-refund-review",
  text: `UPDATE refund_reviews SET released_at = coalesce(released_at, $4)
    WHERE client_id = $1 AND ta_id = $2 AND j = $3`,
};
const IS_RELEASED = {
  name: "is-refund-released",
  text: `SELECT 1 FROM refund_reviews
    WHERE client_id = $1 AND ta_id = $2 AND j = $3 AND released_at IS NOT NULL`,
};

export async function insertRefundReview(
  transaction: Transaction,
  client: WalletId,
  ta: TaId,
  refund: {
    readonly j: number;
    readonly amount: Amount;
    readonly payment: Uint8Array;
    readonly outcome: Uint8Array;
  },
  at: Seconds,
): Promise<void> {
  const { j, amount, payment, outcome } = refund;
  const key = [bytea(client), bytea(ta), j];
  await transaction.query(INSERT_REFUND, [...key, amount, payment, outcome, at]);
}

/** False: no such refund was brought. */
export async function setRefundReleased(
  transaction: Transaction,
  client: WalletId,
  ta: TaId,
  j: number,
  at: Seconds,
): Promise<boolean> {
  const { count } = await transaction.query(RELEASE_REFUND, [bytea(client), bytea(ta), j, at]);
  return count === 1;
}

export async function isRefundReleased(
  transaction: Transaction,
  client: WalletId,
  ta: TaId,
  j: number,
): Promise<boolean> {
  const { count } = await transaction.query(IS_RELEASED, [bytea(client), bytea(ta), j]);
  return count > 0;
}
