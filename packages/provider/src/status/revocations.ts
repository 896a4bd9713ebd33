import { seconds, type Seconds, type TaId, type WalletId } from "@bezant/protocol";
import type { Transaction } from "@bezant/service/db";
import { bytea } from "../ledger/index.ts";

export type RevocationReason = "lost" | "broken" | "other";

export interface Revocation {
  readonly client: WalletId;
  readonly subject: TaId | WalletId;
  readonly index: number | undefined;
  readonly reason: RevocationReason;
  /** The TA's payments up to this index were known. */
  readonly stored: number;
  /** The last second of its certificates. */
  readonly expires: Seconds;
  readonly at: Seconds;
}

const INSERT = {
  name: "insert-revocation",
  text: `INSERT INTO revocations
      (client_id, subject, status_index, reason, stored, expires, revoked_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING`,
};

/** Revokes a holder, once: what was known when it was first revoked is what counts. */
export async function insertRevocation(
  transaction: Transaction,
  { client, subject, index, reason, stored, expires, at }: Revocation,
): Promise<void> {
  const key = [bytea(client), bytea(subject)];
  await transaction.query(INSERT, [...key, index ?? null, reason, stored, expires, at]);
}

const REVOKED = {
  name: "is-revoked",
  text: "SELECT stored FROM revocations WHERE client_id = $1 AND subject = $2",
};

/** Undefined: the holder is not revoked. Otherwise up to which index its payments were known. */
export async function revokedAt(
  transaction: Transaction,
  client: WalletId,
  subject: TaId | WalletId,
): Promise<number | undefined> {
  const values = [bytea(client), bytea(subject)];
  const { rows } = await transaction.query<{ stored: bigint }>(REVOKED, values);
  return rows[0] === undefined ? undefined : Number(rows[0].stored);
}

const LAST_SECOND = {
  name: "certificates-of",
  text: `SELECT certificate FROM certificates
    WHERE client_id = $1 AND subject = $2 ORDER BY serial DESC LIMIT 1`,
};

/** The newest certificate of a holder. */
export async function newestCertificate(
  transaction: Transaction,
  client: WalletId,
  subject: TaId | WalletId,
): Promise<Uint8Array | undefined> {
  const values = [bytea(client), bytea(subject)];
  const { rows } = await transaction.query<{ certificate: Buffer }>(LAST_SECOND, values);
  return rows[0]?.certificate;
}

const LISTED = `/* all clients: the list names everybody who is revoked */
  SELECT status_index AS index, epoch FROM revocations
  WHERE status_index IS NOT NULL AND expires >= $1 ORDER BY status_index`;
const MARK = `/* all clients: everybody on the list knows in which one they were first */
  UPDATE revocations SET epoch = $1 WHERE epoch IS NULL AND status_index IS NOT NULL`;

export interface Listed {
  readonly index: number;
  /** Undefined: no list names it yet. */
  readonly epoch: number | undefined;
}

/** Everybody whose certificates had not ended at that time. */
export async function readRevoked(
  transaction: Transaction,
  since: Seconds,
): Promise<readonly Listed[]> {
  const { rows } = await transaction.query<{ index: bigint; epoch: bigint | null }>(LISTED, [
    since,
  ]);
  return rows.map(({ index, epoch }) => ({
    index: Number(index),
    epoch: epoch === null ? undefined : Number(epoch),
  }));
}

export async function markListed(transaction: Transaction, epoch: number): Promise<void> {
  await transaction.query(MARK, [epoch]);
}

const INSERT_KEY = {
  name: "insert-revoked-key",
  text: `INSERT INTO revoked_keys (key_id, since, ordered_at) VALUES ($1, $2, $3)
    ON CONFLICT (key_id) DO UPDATE SET since = LEAST (revoked_keys.since, EXCLUDED.since)`,
};
const KEYS = {
  name: "revoked-keys",
  text: `SELECT encode(key_id, 'hex') AS kid, since FROM revoked_keys ORDER BY ordered_at DESC, key_id`,
};

export interface RevokedKey {
  readonly kid: string;
  readonly since: Seconds;
}

/** A key that is revoked again is revoked since the earlier time. */
export async function insertRevokedKey(
  transaction: Transaction,
  { kid, since }: RevokedKey,
  at: Seconds,
): Promise<void> {
  await transaction.query(INSERT_KEY, [bytea(kid), since, at]);
}

/** The revoked keys of institutions, the newest orders first. */
export async function readRevokedKeys(transaction: Transaction): Promise<readonly RevokedKey[]> {
  const { rows } = await transaction.query<{ kid: string; since: bigint }>(KEYS);
  return rows.map(({ kid, since }) => ({ kid, since: seconds(Number(since)) }));
}
