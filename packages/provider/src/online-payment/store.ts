import type { Amount, OnlinePaymentOrder, ProviderId, Seconds, WalletId } from "@bezant/protocol";
import { toHex } from "@bezant/protocol";
import type { Transaction } from "@bezant/service/db";
import { bytea } from "../ledger/index.ts";

/** `pending`: it has left the payer and not arrived yet. `returned`: it came back to the payer. */
export type PaymentStatus = "pending" | "settled" | "returned";

/** An order that was carried out. */
export interface Carried {
  readonly receiver: WalletId;
  /** The receiver's provider, where it is another one. */
  readonly provider: ProviderId | undefined;
  readonly amount: Amount;
  readonly status: PaymentStatus;
  /** Why it came back: the code of a refusal. */
  readonly reason: string | undefined;
  /** Of the payer's transfer. */
  readonly sequence: bigint;
  readonly at: number;
}

type Row = Omit<Carried, "provider" | "reason" | "at"> & {
  readonly provider: ProviderId | null;
  readonly reason: string | null;
  readonly at: bigint;
};

const READ = {
  name: "read-order",
  text: `SELECT encode(receiver, 'hex') AS receiver, provider, amount, status, reason, sequence, posted_at AS at
    FROM orders WHERE client_id = $1 AND order_id = $2`,
};
const INSERT = {
  name: "insert-order",
  text: `INSERT INTO orders (client_id, order_id, receiver, amount, message, sequence, posted_at,
      provider, instruction, status)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
};

export async function readOrder(
  transaction: Transaction,
  client: WalletId,
  orderId: Uint8Array,
): Promise<Carried | undefined> {
  const { rows } = await transaction.query<Row>(READ, [bytea(client), bytea(toHex(orderId))]);
  const [row] = rows;
  if (row === undefined) return undefined;
  const { provider, reason, at } = row;
  return { ...row, provider: provider ?? undefined, reason: reason ?? undefined, at: Number(at) };
}

/** How the payment reaches a client of another provider. */
export interface Route {
  readonly provider: ProviderId;
  readonly instruction: Uint8Array;
}

export async function insertOrder(
  transaction: Transaction,
  client: WalletId,
  { orderId, receiver, amount }: OnlinePaymentOrder,
  {
    message,
    sequence,
    at,
    route,
  }: {
    readonly message: Uint8Array;
    readonly sequence: bigint;
    readonly at: Seconds;
    readonly route?: Route | undefined;
  },
): Promise<void> {
  const order = bytea(toHex(orderId));
  const values = [bytea(client), order, bytea(receiver), amount, message, sequence, at];
  const status = route === undefined ? "settled" : "pending";
  const way = [route?.provider ?? null, route?.instruction ?? null, status];
  await transaction.query(INSERT, [...values, ...way]);
}
