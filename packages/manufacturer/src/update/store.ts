import { fromHex, type DeviceId, type Seconds } from "@bezant/protocol";
import type { Transaction } from "@bezant/service/db";
import type { ReleaseRow } from "../release/store.ts";

const INSERT = {
  name: "offer-update",
  text: `INSERT INTO offers (device_id, nonce, uuid, version, measurement, offered_at)
    VALUES ($1, $2, $3, $4, $5, $6)`,
};
const FIND = {
  name: "find-offer",
  text: `SELECT encode(uuid, 'hex') AS uuid, version, measurement FROM offers
    WHERE device_id = $1 AND nonce = $2`,
};
const INSTALLED = {
  name: "update-installed",
  text: `UPDATE offers SET installed_at = $3
    WHERE device_id = $1 AND nonce = $2 AND installed_at IS NULL`,
};

export async function insertOffer(
  transaction: Transaction,
  device: DeviceId,
  nonce: Uint8Array,
  { uuid, version, measurement }: ReleaseRow,
  at: Seconds,
): Promise<void> {
  const offered = [fromHex(uuid), version, measurement];
  await transaction.query(INSERT, [fromHex(device), nonce, ...offered, at]);
}

export async function findOffer(
  transaction: Transaction,
  device: DeviceId,
  nonce: Uint8Array,
): Promise<Pick<ReleaseRow, "uuid" | "version" | "measurement"> | undefined> {
  const { rows } = await transaction.query<{
    uuid: string;
    version: bigint;
    measurement: Buffer;
  }>(FIND, [fromHex(device), nonce]);
  const [row] = rows;
  return row && { ...row, version: Number(row.version) };
}

export async function markInstalled(
  transaction: Transaction,
  device: DeviceId,
  nonce: Uint8Array,
  at: Seconds,
): Promise<void> {
  await transaction.query(INSTALLED, [fromHex(device), nonce, at]);
}
