import { toHex, type ProviderId, type ReserveOrder, type Seconds } from "@bezant/protocol";
import type { Transaction } from "@bezant/service/db";

const READ = {
  name: "read-order",
  text: "SELECT encode(digest, 'hex') AS digest FROM orders WHERE order_id = $1",
};
const INSERT = {
  name: "insert-order",
  text: `INSERT INTO orders (order_id, digest, message, kind, provider, amount, carried_out_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (order_id) DO NOTHING`,
};

/** The digest of the order that was carried out under this id. */
export async function readOrder(
  transaction: Transaction,
  orderId: Uint8Array,
): Promise<string | undefined> {
  const { rows } = await transaction.query<{ digest: string }>(READ, [orderId]);
  return rows[0]?.digest;
}

export interface OrderRecord {
  /** SHA-256 of what was ordered. */
  readonly digest: Uint8Array;
  readonly message: Uint8Array;
}

/** Takes an order's id, waiting for whoever is about to. False: it is taken. */
export async function takeOrder(
  transaction: Transaction,
  order: ReserveOrder,
  { digest, message }: OrderRecord,
  at: Seconds,
): Promise<boolean> {
  const { orderId, kind } = order;
  const provider = kind === "close-window" ? "" : order.provider;
  const amount = "amount" in order ? order.amount : "limit" in order ? order.limit : null;
  const values = [orderId, digest, message, kind, provider, amount, at];
  const { count } = await transaction.query(INSERT, values);
  return count === 1;
}

export function orderReference({ orderId }: ReserveOrder): string {
  return toHex(orderId);
}

const OPEN = {
  name: "open-provider",
  text: `INSERT INTO providers (provider, status, prefund_limit) VALUES ($1, 'open', $2)
    ON CONFLICT (provider) DO UPDATE SET status = 'open', prefund_limit = $2`,
};
const SUSPEND = {
  name: "suspend-provider",
  text: "UPDATE providers SET status = 'suspended' WHERE provider = $1",
};

export async function openProvider(
  transaction: Transaction,
  provider: ProviderId,
  limit: bigint,
): Promise<void> {
  await transaction.query(OPEN, [provider, limit]);
}

export async function suspendProvider(
  transaction: Transaction,
  provider: ProviderId,
): Promise<void> {
  await transaction.query(SUSPEND, [provider]);
}
