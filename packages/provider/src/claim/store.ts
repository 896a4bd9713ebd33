import type { Amount, Seconds, TaId, WalletId } from "@bezant/protocol";
import type { Transaction } from "@bezant/service/db";
import { bytea } from "../ledger/index.ts";
import type { Confirmation } from "../reported/judge.ts";
import type { SenderCertificate } from "../status/view.ts";

/** A verified payment to a wallet of this provider. */
export interface Claim {
  readonly receiver: WalletId;
  readonly sender: TaId;
  readonly j: number;
  readonly amount: Amount;
  /** SHA-256 of the signed payload, lowercase hex: two payments are the same one if these are. */
  readonly digest: string;
  readonly payment: Uint8Array;
  /** Whose it is, to ask the status lists. */
  readonly certificate: SenderCertificate;
  /** Whether that certificate is known to be older than the revocation of a key above it. */
  readonly issued: Confirmation;
}

/** What identifies the place of a payment: no two payments can have it. */
export type PaymentKey = Pick<Claim, "receiver" | "sender" | "j">;

export interface ClaimRow extends PaymentKey {
  readonly status: "claimed" | "never-settled";
  readonly amount: Amount;
  /** Missing where a payment was declined unseen. */
  readonly digest: string | undefined;
}

export function keyOf({ receiver, sender, j }: PaymentKey): string {
  return `${receiver}/${sender}/${j}`;
}

interface Row {
  readonly receiver: WalletId;
  readonly sender: TaId;
  readonly j: bigint;
  readonly status: ClaimRow["status"];
  readonly amount: Amount;
  readonly digest: string | null;
}

const INSERT = {
  name: "insert-claims",
  text: `INSERT INTO claims (client_id, sender, j, status, amount, digest, payment, posted_at)
    SELECT c.client_id, c.sender, c.j, 'claimed', c.amount, c.digest, c.payment, $7::bigint
    FROM unnest($1::bytea[], $2::bytea[], $3::bigint[], $4::numeric[], $5::bytea[], $6::bytea[])
      AS c (client_id, sender, j, amount, digest, payment)
    ON CONFLICT DO NOTHING
    RETURNING encode(client_id, 'hex') AS receiver, encode(sender, 'hex') AS sender, j, status, amount,
      encode(digest, 'hex') AS digest`,
};

/** Inserts what is not there yet; answers exactly what it has inserted. */
export async function insertClaims(
  transaction: Transaction,
  claims: readonly Omit<Claim, "certificate" | "issued">[],
  at: Seconds,
): Promise<readonly ClaimRow[]> {
  const { rows } = await transaction.query<Row>(INSERT, [
    ...keyColumns(claims),
    claims.map(({ amount }) => amount),
    claims.map(({ digest }) => bytea(digest)),
    claims.map(({ payment }) => payment),
    at,
  ]);
  return rows.map(toClaimRow);
}

const READ = {
  name: "read-claims",
  text: `SELECT encode(c.client_id, 'hex') AS receiver, encode(c.sender, 'hex') AS sender, c.j, c.status,
      c.amount, encode(c.digest, 'hex') AS digest
    FROM unnest($1::bytea[], $2::bytea[], $3::bigint[]) AS k (client_id, sender, j)
    JOIN claims AS c ON c.client_id = k.client_id AND c.sender = k.sender AND c.j = k.j
    WHERE c.client_id = ANY ($1::bytea[])`,
};

export async function readClaims(
  transaction: Transaction,
  keys: readonly PaymentKey[],
): Promise<readonly ClaimRow[]> {
  const { rows } = await transaction.query<Row>(READ, keyColumns(keys));
  return rows.map(toClaimRow);
}

const PAYMENT = {
  name: "claimed-payment",
  text: "SELECT payment FROM claims WHERE client_id = $1 AND sender = $2 AND j = $3",
};

/** The bytes that were claimed first, for evidence. */
export async function readPayment(
  transaction: Transaction,
  { receiver, sender, j }: PaymentKey,
): Promise<Uint8Array | null> {
  const values = [bytea(receiver), bytea(sender), j];
  const { rows } = await transaction.query<{ payment: Buffer | null }>(PAYMENT, values);
  return rows[0]?.payment ?? null;
}

const DECLINE = {
  name: "insert-decline",
  text: `INSERT INTO claims (client_id, sender, j, status, amount, decline, posted_at)
    VALUES ($1, $2, $3, 'never-settled', $4, $5, $6)`,
};

/** Writes the tombstone of a payment that nobody has claimed. */
export async function insertDecline(
  transaction: Transaction,
  { receiver, sender, j }: PaymentKey,
  amount: Amount,
  order: Uint8Array,
  at: Seconds,
): Promise<void> {
  await transaction.query(DECLINE, [bytea(receiver), bytea(sender), j, amount, order, at]);
}

function keyColumns(keys: readonly PaymentKey[]): unknown[] {
  return [
    keys.map(({ receiver }) => bytea(receiver)),
    keys.map(({ sender }) => bytea(sender)),
    keys.map(({ j }) => j),
  ];
}

function toClaimRow({ receiver, sender, j, status, amount, digest }: Row): ClaimRow {
  return { receiver, sender, j: Number(j), status, amount, digest: digest ?? undefined };
}
