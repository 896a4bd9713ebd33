import {
  decodeSequence,
  err,
  malformed,
  MAX_MESSAGE,
  ok,
  outcomeVerify,
  refusal,
  runChecksAsync,
  type Refusal,
  type Result,
  type WalletId,
} from "@bezant/protocol";
import type { Core } from "../core/core.ts";
import { ownPayment, type OwnPayment } from "../core/own-payment.ts";
import { done, refuse, refuseAndKeep, transact, type Decision } from "@bezant/service";
import type { Transaction } from "@bezant/service/db";
import { issueConfirmation, signConfirmation } from "../deposit/confirm.ts";
import { readRefund, type Confirmation } from "../deposit/store.ts";
import { lockAccount, numberReference, post, type Posting } from "../ledger/index.ts";
import { readTa } from "../registry/tas.ts";
import { unlessDoubted } from "../reported/refuse.ts";
import { returnPosting } from "../retirement/posting.ts";
import { insertRefundReview, isRefundReleased } from "../status/reviews.ts";
import { revokedAt } from "../status/revocations.ts";
import { insertRefund } from "./store.ts";

/**
 * Gives a payment back to the TA that made it, once (protocol document §6.4): its request was ended as void or collected
 * from another payment, or the receiver's provider will never settle it. The body is P and that signed outcome; the
 * answer is a confirmation of kind refund, for the TA to apply in its turn.
 */
export async function refund(
  core: Core,
  client: WalletId,
  body: Uint8Array,
): Promise<Result<Uint8Array, Refusal>> {
  const split = decodeSequence(body, { maxItems: 2, maxItemSize: MAX_MESSAGE });
  if (!split.ok) return err(malformed(split.error));
  const [paymentBytes, outcomeBytes] = split.value;
  if (paymentBytes === undefined || outcomeBytes === undefined) {
    return err(refusal("malformed", "a payment and an outcome"));
  }
  const paid = await ownPayment(core, client, paymentBytes);
  if (!paid.ok) return paid;
  const failed = await hasFailed(core, paid.value, outcomeBytes);
  if (!failed.ok) return failed;
  const grounds = { payment: paymentBytes, outcome: outcomeBytes };
  const confirmation = await transact(core.db, (transaction) =>
    giveBack(core, transaction, client, paid.value, grounds),
  );
  if (!confirmation.ok) return confirmation;
  return ok(await signConfirmation(core, paid.value.sender, confirmation.value));
}

/** The outcome is about something else. */
const ELSEWHERE: readonly string[] = ["unknown-payment", "request-mismatch"];

/** The signed outcome says, of this very payment, that the payee does not have it and never will. */
async function hasFailed(
  core: Core,
  { payment, sender }: OwnPayment,
  outcomeBytes: Uint8Array,
): Promise<Result<void, Refusal>> {
  const { trust, clock, identity, verifier } = core;
  const subject = { payment, sender };
  const trusted = { trust, now: clock.now(), home: identity.id };
  const pending = outcomeVerify(outcomeBytes, { ...trusted, subject });
  if (!pending.ok) {
    return ELSEWHERE.includes(pending.error.code) ? err(refusal("not-refundable")) : pending;
  }
  const verified = await runChecksAsync(pending.value, verifier);
  if (!verified.ok) return verified;
  if (verified.value.verdict !== "refund-due") return err(refusal("not-refundable"));
  return unlessDoubted(core, verified.value.chain);
}

async function giveBack(
  core: Core,
  transaction: Transaction,
  client: WalletId,
  { payment, sender }: OwnPayment,
  grounds: { readonly payment: Uint8Array; readonly outcome: Uint8Array },
): Promise<Decision<Confirmation>> {
  const account = await lockAccount(transaction, client);
  const ta = await readTa(transaction, client, sender);
  if (account === undefined || ta === undefined) return refuse("unknown-client");
  const { j, amount } = payment;
  const known = await readRefund(transaction, client, sender, j);
  if (known !== undefined) return done(known);
  if (ta.readOnlySince !== undefined) return refuse("provider-behind");
  const at = core.clock.now();
  const mayGo =
    (await revokedAt(transaction, client, sender)) === undefined ||
    (await isRefundReleased(transaction, client, sender, j));
  if (!mayGo) {
    await insertRefundReview(transaction, client, sender, { j, amount, ...grounds }, at);
    return refuseAndKeep("refund-in-review");
  }
  const confirmation = await issueConfirmation(transaction, client, ta, { amount, j }, at);
  await insertRefund(transaction, client, sender, j, grounds);
  const memo: Posting = {
    operation: "refund",
    party: sender,
    reference: numberReference(confirmation.d),
    debit: "offline",
    credit: "offline",
    amount,
  };
  // A retired TA can never apply it: the money goes where the retirement sent what was on its way.
  const isLost = ta.status === "retired";
  const returned = isLost ? [returnPosting(account, ta.id, confirmation.d, amount)] : [];
  const posted = await post(transaction, account, [memo, ...returned], at);
  if (!posted.ok) throw new Error(`a refund was refused: ${posted.error}`);
  return done(confirmation);
}
