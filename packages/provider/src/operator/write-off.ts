import {
  defineMessage,
  field,
  map,
  sha256,
  toHex,
  type Infer,
  type Refusal,
  type Result,
} from "@bezant/protocol";
import { done, refuse, transact, type Decision } from "@bezant/service";
import type { Transaction } from "@bezant/service/db";
import type { Core } from "../core/core.ts";
import { bytea } from "../ledger/index.ts";
import { giveUp, openTakeUps } from "../settlement/take-ups.ts";
import { operatorVerify } from "./verify.ts";

const payload = map({ orderId: [1, field.nonce], amount: [2, field.amount] });

/**
 * The operator gives up deposits that a restore has lost and no sync has brought back: they become the provider's own loss,
 * and the reports say again what has moved. Carried out once for each order id.
 */
export const writeOffOrder = defineMessage({
  typ: 65_504,
  name: "write-off-order",
  signedBy: "institution",
  payload,
});
export type WriteOffOrder = Infer<typeof payload>;

const READ = {
  name: "read-write-off-order",
  text: "SELECT encode(digest, 'hex') AS digest FROM write_off_orders WHERE order_id = $1",
};
const INSERT = {
  name: "insert-write-off-order",
  text: `INSERT INTO write_off_orders (order_id, digest, message, amount, carried_out_at)
    VALUES ($1, $2, $3, $4, $5)`,
};

/** `writeOffOrder`; the same order again changes nothing. */
export async function writeOff(
  core: Core,
  body: Uint8Array,
): Promise<Result<WriteOffOrder, Refusal>> {
  const verified = await operatorVerify(core, writeOffOrder, body);
  if (!verified.ok) return verified;
  const { payload: order, payloadBytes } = verified.value;
  const digest = toHex(sha256(payloadBytes));
  return transact(core.db, (transaction) => writeOffIn(core, transaction, order, digest, body));
}

async function writeOffIn(
  core: Core,
  transaction: Transaction,
  order: WriteOffOrder,
  digest: string,
  message: Uint8Array,
): Promise<Decision<WriteOffOrder>> {
  const at = core.clock.now();
  const id = toHex(order.orderId);
  // What was forgotten is locked first, so that of two orders at once the second sees what the first has done.
  const open = await openTakeUps(transaction);
  const { rows } = await transaction.query<{ digest: string }>(READ, [bytea(id)]);
  const known = rows[0]?.digest;
  if (known !== undefined) return known === digest ? done(order) : refuse("order-conflict");
  if (!(await giveUp(transaction, open, order.amount, id, at))) return refuse("not-forgotten");
  await transaction.query(INSERT, [bytea(id), bytea(digest), message, order.amount, at]);
  return done(order);
}
