import {
  amount,
  err,
  ok,
  refusal,
  type Amount,
  type Counter,
  type Result,
  type TaId,
} from "@bezant/protocol";
import type { Core } from "../core/core.ts";
import { needProvider, needTa, type Online, type Ready } from "../core/identity.ts";
import { begin, end, unfinished } from "../core/journal.ts";
import { stop } from "../core/stop.ts";
import { applyConfirmations, catchUp } from "../deposit/confirmations.ts";
import { finishDeposits } from "../deposit/deposit.ts";
import { pending, walletRefusal, type WalletRefusal } from "../refusals.ts";
import { isRetired } from "../registration/former.ts";
import { AWAITED, endRefund, OUTGOING, parsePaymentKey, paymentKey } from "./records.ts";

export type Refunded = {
  readonly count: number;
  readonly amount: Amount;
  /** Why others were not. */
  readonly refused: readonly WalletRefusal[];
};

/**
 * Brings back payments whose requests ended otherwise: the provider gives the money back on the signed outcome, as a deposit.
 *
 * @param only one payment; absent: all that are to come back
 */
export async function refund(
  core: Core,
  only?: { readonly ta: TaId; readonly j: Counter },
): Promise<Result<Refunded, WalletRefusal>> {
  return core.exclusive("deposit", async () => {
    const keys = only === undefined ? await allDue(core) : [paymentKey(only.ta, only.j)];
    return refundAll(core, keys);
  });
}

export async function resumeRefunds(core: Core): Promise<Result<void, WalletRefusal>> {
  return core.exclusive("deposit", async () => {
    const refunded = await refundAll(core, await unfinished(core, "refund"));
    return refunded.ok ? ok(undefined) : err(pending(refunded.error));
  });
}

async function refundAll(
  core: Core,
  keys: readonly string[],
): Promise<Result<Refunded, WalletRefusal>> {
  const refused: WalletRefusal[] = [];
  let [count, sum] = [0, 0n];
  if (keys.length > 0) {
    const online = await needProvider(core);
    if (!online.ok) return online;
    for (const key of keys) {
      const refunded = await refundOne(core, online.value, key);
      if (refunded.ok) [count, sum] = [count + 1, sum + refunded.value];
      else if (refunded.error.pending === true) return refunded;
      else refused.push(refunded.error);
    }
  }
  return ok({ count, amount: amount(sum), refused });
}

async function allDue({ records }: Core): Promise<string[]> {
  const awaited = await records.list(AWAITED);
  return awaited.flatMap(({ key, value }) => (value.what === "refund" ? [key] : []));
}

async function refundOne(
  core: Core,
  online: Online,
  key: string,
): Promise<Result<Amount, WalletRefusal>> {
  const record = await core.records.get(OUTGOING, key);
  if (record === undefined) return err(refusal("unknown-payment"));
  const { payment, outcome, state, amount: paid } = record;
  if (state === "refunded") return ok(paid);
  if (state !== "refund-due" || outcome === undefined) return err(refusal("not-refundable"));
  await core.records.commit(begin("refund", key, core.now()));
  const confirmation = await online.client.refund(payment, outcome);
  if (!confirmation.ok) return stop(core, confirmation.error, end("refund", key));
  const applied = await apply(core, online, key, confirmation.value);
  return applied.ok ? ok(paid) : err(pending(applied.error));
}

async function apply(
  core: Core,
  online: Online,
  key: string,
  confirmation: Uint8Array,
): Promise<Result<unknown, WalletRefusal>> {
  const { ta, j } = parsePaymentKey(key);
  const equipped = await needTa(core);
  if (!equipped.ok || equipped.value.ta !== ta) {
    const retired = await isRetired(core, ta);
    if (!retired.ok) return retired;
    if (!retired.value) return equipped.ok ? err(walletRefusal("other-device")) : equipped;
    // That TA is gone: the provider has put the money into the online balance.
    await endRefund(core, ta, j);
    return ok(undefined);
  }
  const ready: Ready = { ...equipped.value, online };
  const finished = await finishDeposits(core, ready);
  if (!finished.ok) return finished;
  const applied = await applyConfirmations(core, ready, [confirmation]);
  if (applied.ok || applied.error.code !== "deposit-gap") return applied;
  const caught = await catchUp(core, ready);
  return caught.ok ? applyConfirmations(core, ready, [confirmation]) : caught;
}
