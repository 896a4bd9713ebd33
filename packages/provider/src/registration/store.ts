import type { CompressedKey, Seconds, WalletId } from "@bezant/protocol";
import type { Transaction } from "../db/index.ts";
import { bytea, type AccountStatus } from "../ledger/index.ts";

export interface ClientRow {
  readonly serial: number;
  readonly certificate: Uint8Array;
  readonly expires: number;
  readonly status: AccountStatus;
}

const LOCK = {
  name: "lock-client",
  text: `SELECT c.serial, c.certificate, c.certificate_expires AS expires, a.status
    FROM clients AS c JOIN accounts AS a ON a.client_id = c.client_id
    WHERE c.client_id = $1 AND a.client_id = $1 FOR NO KEY UPDATE OF c`,
};

export async function lockClient(
  transaction: Transaction,
  client: WalletId,
): Promise<ClientRow | undefined> {
  const { rows } = await transaction.query<{
    serial: bigint;
    certificate: Buffer;
    expires: bigint;
    status: AccountStatus;
  }>(LOCK, [bytea(client)]);
  const [row] = rows;
  if (row === undefined) return undefined;
  return { ...row, serial: Number(row.serial), expires: Number(row.expires) };
}

export interface IssuedToWallet {
  readonly client: WalletId;
  readonly key: CompressedKey;
  readonly serial: number;
  readonly certificate: Uint8Array;
  readonly expires: number;
  readonly at: Seconds;
}

const INSERT_CLIENT = {
  name: "insert-client",
  text: `INSERT INTO clients
      (client_id, public_key, serial, certificate, certificate_expires, registered_at)
    VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING`,
};
const INSERT_ACCOUNT = {
  name: "insert-account",
  text: "INSERT INTO accounts (client_id, status) VALUES ($1, 'open')",
};
const RENEW_CLIENT = {
  name: "renew-client",
  text: `UPDATE clients SET serial = $2, certificate = $3, certificate_expires = $4
    WHERE client_id = $1`,
};

/** Figure 2: the registry's entry, and onBal of 0. False: the client was registered in the meantime. */
export async function insertClient(
  transaction: Transaction,
  { client, key, serial, certificate, expires, at }: IssuedToWallet,
): Promise<boolean> {
  const id = bytea(client);
  const values = [id, bytea(key), serial, certificate, expires, at];
  const { count } = await transaction.query(INSERT_CLIENT, values);
  if (count === 0) return false;
  await transaction.query(INSERT_ACCOUNT, [id]);
  return true;
}

export async function renewClient(
  transaction: Transaction,
  { client, serial, certificate, expires }: IssuedToWallet,
): Promise<void> {
  await transaction.query(RENEW_CLIENT, [bytea(client), serial, certificate, expires]);
}
