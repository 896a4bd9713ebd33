import {
  err,
  fromHex,
  ok,
  seconds,
  type DeviceId,
  type Refusal,
  type Result,
  type Seconds,
} from "@bezant/protocol";
import { fromDatabase } from "@bezant/service";
import type { Database, Transaction } from "@bezant/service/db";

export interface DeviceRow {
  readonly revokedAt: Seconds | undefined;
}

const FIND = {
  name: "find-device",
  text: "SELECT revoked_at FROM devices WHERE device_id = $1",
};
const INSERT = {
  name: "enrol-device",
  text: `INSERT INTO devices (device_id, certificate, enrolled_at) VALUES ($1, $2, $3)
    ON CONFLICT DO NOTHING`,
};
const REVOKE = {
  name: "revoke-device",
  text: "UPDATE devices SET revoked_at = $2 WHERE device_id = $1 AND revoked_at IS NULL",
};
const REPORTED = {
  name: "device-reported",
  text: `UPDATE devices SET ta_version = $2, ta_measurement = $3, reported_at = $4
    WHERE device_id = $1`,
};

export async function findDevice(
  db: Database,
  device: DeviceId,
): Promise<Result<DeviceRow | undefined, Refusal>> {
  const found = await db.query<{ revoked_at: bigint | null }>(FIND, [fromHex(device)]);
  if (!found.ok) return err(fromDatabase(found.error));
  const [row] = found.value.rows;
  if (row === undefined) return ok(undefined);
  const { revoked_at: at } = row;
  return ok({ revokedAt: at === null ? undefined : seconds(Number(at)) });
}

/** A device enrols once; its first certificate stays. */
export async function insertDevice(
  transaction: Transaction,
  device: DeviceId,
  certificate: Uint8Array,
  at: Seconds,
): Promise<void> {
  await transaction.query(INSERT, [fromHex(device), certificate, at]);
}

/** False: there is no such device. */
export async function revokeDevice(
  transaction: Transaction,
  device: DeviceId,
  at: Seconds,
): Promise<boolean> {
  await transaction.query(REVOKE, [fromHex(device), at]);
  const { count } = await transaction.query(FIND, [fromHex(device)]);
  return count === 1;
}

/** What a device has said of itself, the last word counting. */
export async function keepReport(
  transaction: Transaction,
  device: DeviceId,
  installed: { readonly version: number; readonly measurement: Uint8Array },
  at: Seconds,
): Promise<void> {
  const { version, measurement } = installed;
  await transaction.query(REPORTED, [fromHex(device), version, measurement, at]);
}
