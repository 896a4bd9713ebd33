import {
  ok,
  declineOrder,
  type Amount,
  type Counter,
  type Refusal,
  type Result,
  type TaId,
  type WalletId,
} from "@bezant/protocol";
import { outcomeAttachments, signOutcome } from "../claim/outcome.ts";
import type { Ending } from "../claim/settle.ts";
import { insertDecline, readClaims } from "../claim/store.ts";
import { walletOrder } from "../core/authority.ts";
import type { Core } from "../core/core.ts";
import { done, refuse, transact, type Decision } from "@bezant/service";
import type { Transaction } from "@bezant/service/db";
import { lockAccount } from "../ledger/index.ts";

/**
 * A wallet will not have a payment (protocol document §10.2): writes the tombstone in the place where its claim would go,
 * and answers the outcome `never-settled`; or `claimed`, if it was claimed before.
 */
export async function decline(
  core: Core,
  client: WalletId,
  body: Uint8Array,
): Promise<Result<Uint8Array, Refusal>> {
  const order = await walletOrder(core, declineOrder, client, body);
  if (!order.ok) return order;
  const { sender, j } = order.value.payload;
  // The order does not say where the sender is at home, so the outcome carries all that anybody needs.
  const attachments = await outcomeAttachments(core, client, undefined);
  if (!attachments.ok) return attachments;
  const ending = await transact(core.db, (transaction) =>
    end(core, transaction, client, order.value.payload, body),
  );
  if (!ending.ok) return ending;
  const key = { receiver: client, sender, j };
  return ok(await signOutcome(core, key, ending.value, attachments.value));
}

interface Declined {
  readonly sender: TaId;
  readonly j: Counter;
  readonly amount: Amount;
}

async function end(
  core: Core,
  transaction: Transaction,
  client: WalletId,
  { sender, j, amount }: Declined,
  order: Uint8Array,
): Promise<Decision<Ending>> {
  const account = await lockAccount(transaction, client);
  if (account === undefined) return refuse("unknown-client");
  const key = { receiver: client, sender, j };
  const [known] = await readClaims(transaction, [key]);
  if (known !== undefined) return done({ kind: known.status, amount: known.amount });
  await insertDecline(transaction, key, amount, order, core.clock.now());
  return done({ kind: "never-settled", amount });
}
