import { err, ok, type Result, type Verdict } from "@bezant/protocol";
import type { Asked } from "../payment/inspect.ts";
import type { Paid } from "../payment/pay.ts";
import { walletRefusal, type WalletRefusal } from "../refusals.ts";
import type { Channel } from "../transport/channel.ts";
import { kindOf } from "../transport/text.ts";
import type { Wallet } from "../wallet.ts";
import { Conversation, sendStapled, type Patience } from "./conversation.ts";

export type PayOptions = Patience & {
  /** Asks whoever pays. It is called once, before any money moves, and not for a request that was paid before. */
  readonly approve: (asked: Asked) => boolean | Promise<boolean>;
};

export type PaidOver = Paid & {
  /**
   * What the payee has made of it. `unknown`: the channel ended before it said so; the money is the payee's, and the same call
   * over a new channel gives it P again.
   */
  readonly verdict: Verdict | "unknown";
};

/**
 * The payer's side: waits for a request, pays it once, and gives P until the outcome is there. What the same payee was paid
 * earlier and has not acknowledged is given to it first, so that nobody pays again for want of an answer.
 */
export async function payOver(
  wallet: PayerWallet,
  channel: Channel,
  options: PayOptions,
): Promise<Result<PaidOver, WalletRefusal>> {
  const conversation = new Conversation(channel, options);
  const state: State = { redeliveries: 0 };
  while (state.refused === undefined && state.verdict === undefined) {
    if (state.paid !== undefined) await sendStapled(wallet, channel, state.paid.message);
    const heard = await conversation.hear();
    if (heard === "closed" || heard === "enough") break;
    if (heard === "silence") continue;
    const kind = kindOf(heard);
    if (kind === "status") {
      await wallet.meetStatus(heard);
    } else if (kind === "outcome") {
      await hearOutcome(wallet, heard, state);
    } else if (kind === "request" && state.paid === undefined) {
      await hearRequest(wallet, channel, heard, state, options);
      conversation.progress();
    }
  }
  await channel.close();
  const { paid, verdict, refused } = state;
  if (paid !== undefined) return ok({ ...paid, verdict: verdict ?? "unknown" });
  return err(refused ?? walletRefusal("connection-lost"));
}

type PayerWallet = Pick<Wallet, "inspect" | "pay" | "settle" | "staple" | "meetStatus">;

/** How far the payer is. */
type State = {
  paid?: Paid;
  verdict?: Verdict;
  refused?: WalletRefusal;
  redeliveries: number;
};

/** How often earlier payments are given again before a person is asked to pay once more. */
const REDELIVERIES = 3;

async function hearRequest(
  wallet: PayerWallet,
  channel: Channel,
  request: Uint8Array,
  state: State,
  { approve }: PayOptions,
): Promise<void> {
  const asked = await wallet.inspect(request);
  if (!asked.ok) {
    state.refused = asked.error;
    return;
  }
  const { unconfirmed, paid: before } = asked.value;
  if (unconfirmed.length > 0 && state.redeliveries < REDELIVERIES) {
    state.redeliveries += 1;
    for (const { message } of unconfirmed) await channel.send(message);
    return;
  }
  if (before === undefined && !(await approve(asked.value))) {
    state.refused = walletRefusal("not-approved");
    return;
  }
  const paid = before === undefined ? await wallet.pay(request) : ok(before);
  if (paid.ok) state.paid = paid.value;
  else state.refused = paid.error;
}

/** Any outcome is worth keeping; one of the payment at hand ends the exchange. */
async function hearOutcome(wallet: PayerWallet, message: Uint8Array, state: State): Promise<void> {
  const settled = await wallet.settle(message);
  if (settled.ok && settled.value.j === state.paid?.j) state.verdict = settled.value.verdict;
}
