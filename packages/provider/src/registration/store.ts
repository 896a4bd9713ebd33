import type { CompressedKey, Seconds, WalletId } from "@bezant/protocol";
import type { Transaction } from "@bezant/service/db";
import { bytea, type AccountStatus } from "../ledger/index.ts";

export interface ClientRow {
  readonly serial: number;
  readonly certificate: Uint8Array;
  readonly status: AccountStatus;
}

const LOCK = {
  name: "lock-client",
  text: `SELECT c.serial, c.certificate, a.status
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
    status: AccountStatus;
  }>(LOCK, [bytea(client)]);
  const [row] = rows;
  if (row === undefined) return undefined;
  return { ...row, serial: Number(row.serial) };
}

export interface IssuedToWallet {
  readonly client: WalletId;
  readonly key: CompressedKey;
  readonly serial: number;
  readonly certificate: Uint8Array;
  readonly at: Seconds;
}

const INSERT_CLIENT = {
  name: "insert-client",
  text: `INSERT INTO clients
      (client_id, public_key, serial, certificate, registered_at)
    VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING`,
};
const INSERT_ACCOUNT = {
  name: "insert-account",
  text: "INSERT INTO accounts (client_id, status) VALUES ($1, 'open')",
};
const RENEW_CLIENT = {
  name: "renew-client",
  text: "UPDATE clients SET serial = $2, certificate = $3 WHERE client_id = $1",
};

/** Figure 2: the registry's entry, and onBal of 0. False: the client was registered in the meantime. */
export async function insertClient(
  transaction: Transaction,
  { client, key, serial, certificate, at }: IssuedToWallet,
): Promise<boolean> {
  const id = bytea(client);
  const values = [id, bytea(key), serial, certificate, at];
  const { count } = await transaction.query(INSERT_CLIENT, values);
  if (count === 0) return false;
  await transaction.query(INSERT_ACCOUNT, [id]);
  return true;
}

export async function renewClient(
  transaction: Transaction,
  { client, serial, certificate }: IssuedToWallet,
): Promise<void> {
  await transaction.query(RENEW_CLIENT, [bytea(client), serial, certificate]);
}
