import {
  err,
  ok,
  refusal,
  seconds,
  type CompressedKey,
  type DeviceId,
  type Refusal,
  type Result,
  type Seconds,
  type TaId,
  type WalletId,
} from "@bezant/protocol";
import { fromDatabase } from "@bezant/service";
import type { Database, Transaction } from "@bezant/service/db";
import { bytea } from "../ledger/index.ts";

/** A TA that is registered for a client, and its verification key. */
export interface TaKey {
  readonly id: TaId;
  readonly key: CompressedKey;
}

// A TA names itself in none of its messages: which one signed is found by trying. Few clients have had two.
const KEYS = {
  name: "ta-keys",
  text: `SELECT encode(ta_id, 'hex') AS id, encode(public_key, 'hex') AS key FROM tas
    WHERE client_id = $1 ORDER BY status, registered_at DESC, ta_id LIMIT 16`,
};

/** The TAs of a client, those in use first. */
export async function findTaKeys(
  db: Database,
  client: WalletId,
): Promise<Result<readonly TaKey[], Refusal>> {
  const found = await db.query<TaKey>(KEYS, [bytea(client)]);
  if (!found.ok) return err(fromDatabase(found.error));
  const { rows } = found.value;
  return rows.length === 0 ? err(refusal("unknown-trusted-app")) : ok(rows);
}

/** Where both sequences of a TA stand. Read under the lock of the client's account. */
export interface TaState {
  readonly id: TaId;
  readonly device: DeviceId;
  readonly status: "active" | "retired";
  /** Signed limits that came with its certificate. */
  readonly limitsProfile: Uint8Array;
  /** S.d, S.w. */
  readonly d: number;
  readonly w: number;
  /** All of its payments up to this index are stored. */
  readonly stored: number;
  /** Since when the ledger may be behind this TA; undefined: it is not. */
  readonly readOnlySince: Seconds | undefined;
  readonly unlockWanted: boolean;
  readonly unlockNonce: Uint8Array | undefined;
}

interface Row {
  readonly device: DeviceId;
  readonly status: "active" | "retired";
  readonly limits_profile: Buffer;
  readonly d: bigint;
  readonly w: bigint;
  readonly stored: bigint;
  readonly read_only_since: bigint | null;
  readonly unlock_wanted: boolean;
  readonly unlock_nonce: Buffer | null;
}

const STATE = {
  name: "ta-state",
  text: `SELECT encode(device_id, 'hex') AS device, status, limits_profile, d, w, stored, read_only_since,
      unlock_wanted, unlock_nonce
    FROM tas WHERE client_id = $1 AND ta_id = $2`,
};

export async function readTa(
  transaction: Transaction,
  client: WalletId,
  ta: TaId,
): Promise<TaState | undefined> {
  const { rows } = await transaction.query<Row>(STATE, [bytea(client), bytea(ta)]);
  const [row] = rows;
  if (row === undefined) return undefined;
  return {
    id: ta,
    device: row.device,
    status: row.status,
    limitsProfile: row.limits_profile,
    d: Number(row.d),
    w: Number(row.w),
    stored: Number(row.stored),
    readOnlySince: row.read_only_since === null ? undefined : seconds(Number(row.read_only_since)),
    unlockWanted: row.unlock_wanted,
    unlockNonce: row.unlock_nonce ?? undefined,
  };
}

const ADVANCE_D = {
  name: "advance-d",
  text: "UPDATE tas SET d = $3 WHERE client_id = $1 AND ta_id = $2",
};
const ADVANCE_W = {
  name: "advance-w",
  text: "UPDATE tas SET w = $3 WHERE client_id = $1 AND ta_id = $2",
};
const READ_ONLY = {
  name: "ta-read-only",
  text: `UPDATE tas SET read_only_since = $3
    WHERE client_id = $1 AND ta_id = $2 AND ($3::bigint IS NULL OR read_only_since IS NULL)`,
};
const BEHIND = {
  name: "client-behind",
  text: `SELECT 1 FROM tas
    WHERE client_id = $1 AND status = 'active' AND read_only_since IS NOT NULL LIMIT 1`,
};

export async function advanceDeposits(
  transaction: Transaction,
  client: WalletId,
  ta: TaId,
  d: number,
): Promise<void> {
  await transaction.query(ADVANCE_D, [bytea(client), bytea(ta), d]);
}

export async function advanceWithdrawals(
  transaction: Transaction,
  client: WalletId,
  ta: TaId,
  w: number,
): Promise<void> {
  await transaction.query(ADVANCE_W, [bytea(client), bytea(ta), w]);
}

/** The ledger is behind this TA: from now on its client only reads, until a sync clears it again (undefined). */
export async function setReadOnly(
  transaction: Transaction,
  client: WalletId,
  ta: TaId,
  since: Seconds | undefined,
): Promise<void> {
  await transaction.query(READ_ONLY, [bytea(client), bytea(ta), since ?? null]);
}

/** Whether the ledger may be behind any of the client's TAs, so that its online balance may be too high. */
export async function isBehind(transaction: Transaction, client: WalletId): Promise<boolean> {
  const { count } = await transaction.query(BEHIND, [bytea(client)]);
  return count > 0;
}
