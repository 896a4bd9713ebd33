import { walletId, type Counter, type TaId, type WalletId } from "@bezant/protocol";
import { done, refuse, type Decision } from "@bezant/service";
import type { Transaction } from "@bezant/service/db";
import { creditClaims } from "../claim/settle.ts";
import { insertClaims } from "../claim/store.ts";
import type { Core } from "../core/core.ts";
import { lockAccounts } from "../ledger/index.ts";
import { readClaimReview, setRefundReleased } from "./reviews.ts";

/** The operator has looked at it: the payment is credited as any other, once. */
export async function releaseClaim(
  { clock }: Core,
  transaction: Transaction,
  { client, sender, j }: { readonly client: WalletId; readonly sender: TaId; readonly j: Counter },
): Promise<Decision<void>> {
  const receiver = walletId(client);
  const accounts = await lockAccounts(transaction, [receiver]);
  const review = await readClaimReview(transaction, { receiver, sender, j });
  if (review === undefined) return refuse("unknown-review");
  const at = clock.now();
  // Declined in the meantime, or released before: then nothing is inserted, and nothing credited.
  const inserted = await insertClaims(transaction, [{ receiver, sender, j, ...review }], at);
  await creditClaims(transaction, accounts, inserted, at);
  return done(undefined);
}

/** The next time that the refund is asked for it is given. */
export async function releaseRefund(
  { clock }: Core,
  transaction: Transaction,
  { client, ta, j }: { readonly client: WalletId; readonly ta: TaId; readonly j: Counter },
): Promise<Decision<void>> {
  const isKnown = await setRefundReleased(transaction, client, ta, j, clock.now());
  return isKnown ? done(undefined) : refuse("unknown-review");
}
