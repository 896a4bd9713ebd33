import type { CompressedKey, DeviceId, Seconds, TaId, WalletId } from "@bezant/protocol";
import type { Transaction } from "@bezant/service/db";
import { bytea } from "../ledger/index.ts";

const BIND_DEVICE = {
  name: "bind-device",
  text: `INSERT INTO device_directory (device_id, client_id) VALUES ($1, $2) ON CONFLICT DO NOTHING`,
};
const DEVICE_OWNER = {
  name: "device-owner",
  text: "SELECT encode(client_id, 'hex') AS client FROM device_directory WHERE device_id = $1",
};
const FREE_DEVICE = {
  name: "free-device",
  text: "DELETE FROM device_directory WHERE device_id = $1 AND client_id = $2",
};
const BIND_TA = {
  name: "bind-ta",
  text: `INSERT INTO ta_directory (ta_id, client_id) VALUES ($1, $2) ON CONFLICT DO NOTHING`,
};
const TA_OWNER = {
  name: "ta-owner",
  text: "SELECT encode(client_id, 'hex') AS client FROM ta_directory WHERE ta_id = $1",
};

/** Binds a device to the client, or finds it bound already. False: it belongs to another client. */
export async function bindDevice(
  transaction: Transaction,
  device: DeviceId,
  client: WalletId,
): Promise<boolean> {
  const { count } = await transaction.query(BIND_DEVICE, [bytea(device), bytea(client)]);
  if (count === 1) return true;
  const { rows } = await transaction.query<{ client: string }>(DEVICE_OWNER, [bytea(device)]);
  return rows[0]?.client === client;
}

/** The device's TA is retired: whoever owns it next may register it. */
export async function freeDevice(
  transaction: Transaction,
  device: DeviceId,
  client: WalletId,
): Promise<void> {
  await transaction.query(FREE_DEVICE, [bytea(device), bytea(client)]);
}

const OTHER_TAS = {
  name: "other-tas-of-device",
  text: `SELECT ta_id, d + w + stored AS used FROM tas
    WHERE client_id = $1 AND device_id = $2 AND status = 'active' AND ta_id <> $3`,
};
const END = {
  name: "end-unused-ta",
  text: "UPDATE tas SET status = 'retired' WHERE client_id = $1 AND ta_id = $2",
};

/**
 * Ends earlier TAs of the device that never moved money here: `Init` was repeated before one of them was in use. False: one
 * of them was, so it has to be retired first.
 */
export async function endUnusedTas(
  transaction: Transaction,
  client: WalletId,
  device: DeviceId,
  ta: TaId,
): Promise<boolean> {
  const ids = [bytea(client), bytea(device), bytea(ta)];
  const { rows } = await transaction.query<{ ta_id: Buffer; used: bigint }>(OTHER_TAS, ids);
  if (rows.some(({ used }) => used > 0n)) return false;
  for (const row of rows) await transaction.query(END, [bytea(client), row.ta_id]);
  return true;
}

/** Binds T.vk to the client for ever. False: it belongs to another client. */
export async function bindTa(
  transaction: Transaction,
  ta: TaId,
  client: WalletId,
): Promise<boolean> {
  const { count } = await transaction.query(BIND_TA, [bytea(ta), bytea(client)]);
  if (count === 1) return true;
  const { rows } = await transaction.query<{ client: string }>(TA_OWNER, [bytea(ta)]);
  return rows[0]?.client === client;
}

export interface TaCertificate {
  readonly serial: number;
  readonly certificate: Uint8Array;
  readonly limitsProfile: Uint8Array;
  readonly status: "active" | "retired";
}

const CERTIFICATE = {
  name: "ta-certificate",
  text: `SELECT serial, certificate, limits_profile, status FROM tas
    WHERE client_id = $1 AND ta_id = $2`,
};
const COUNT = {
  name: "count-tas",
  text: "SELECT count(*) AS count FROM tas WHERE client_id = $1 AND status = 'active'",
};

export async function readTaCertificate(
  transaction: Transaction,
  client: WalletId,
  ta: TaId,
): Promise<TaCertificate | undefined> {
  const { rows } = await transaction.query<{
    serial: bigint;
    certificate: Buffer;
    limits_profile: Buffer;
    status: TaCertificate["status"];
  }>(CERTIFICATE, [bytea(client), bytea(ta)]);
  const [row] = rows;
  if (row === undefined) return undefined;
  const { serial, certificate, limits_profile: limitsProfile, status } = row;
  return { serial: Number(serial), certificate, limitsProfile, status };
}

export async function countTas(transaction: Transaction, client: WalletId): Promise<number> {
  const { rows } = await transaction.query<{ count: bigint }>(COUNT, [bytea(client)]);
  return Number(rows[0]?.count);
}

export interface IssuedToTa {
  readonly ta: TaId;
  readonly key: CompressedKey;
  readonly device: DeviceId;
  readonly serial: number;
  readonly certificate: Uint8Array;
  readonly limitsProfile: Uint8Array;
  readonly at: Seconds;
}

const INSERT = {
  name: "insert-ta",
  text: `INSERT INTO tas (client_id, ta_id, public_key, device_id, status, serial, certificate,
      limits_profile, registered_at)
    VALUES ($1, $2, $3, $4, 'active', $5, $6, $7, $8)`,
};
const RENEW = {
  name: "renew-ta",
  text: `UPDATE tas SET serial = $3, certificate = $4, limits_profile = $5
    WHERE client_id = $1 AND ta_id = $2`,
};

export async function insertTa(
  transaction: Transaction,
  client: WalletId,
  { ta, key, device, serial, certificate, limitsProfile, at }: IssuedToTa,
): Promise<void> {
  const ids = [bytea(client), bytea(ta), bytea(key), bytea(device)];
  await transaction.query(INSERT, [...ids, serial, certificate, limitsProfile, at]);
}

export async function renewTa(
  transaction: Transaction,
  client: WalletId,
  { ta, serial, certificate, limitsProfile }: IssuedToTa,
): Promise<void> {
  const values = [bytea(client), bytea(ta), serial, certificate, limitsProfile];
  await transaction.query(RENEW, values);
}
