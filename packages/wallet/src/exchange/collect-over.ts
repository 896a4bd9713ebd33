import { err, ok, type Result } from "@bezant/protocol";
import type { Received, ReceiveRefusal } from "../receipt/receive.ts";
import { walletRefusal, type WalletRefusal } from "../refusals.ts";
import type { Requested } from "../request/request-payment.ts";
import type { Channel } from "../transport/channel.ts";
import { kindOf } from "../transport/text.ts";
import type { Wallet } from "../wallet.ts";
import { Conversation, sendStapled, type Patience } from "./conversation.ts";

export type CollectOptions = Patience & {
  /** Called once, as soon as the payment is there; the exchange then goes on until the payer has the outcome. */
  readonly onReceived?: ((received: Received) => void) | undefined;
};

/** How often a payer may be silent after it was given the outcome, which may have been lost. */
const LINGER = 4;

/**
 * The payee's side: shows the request, takes the payment, gives the outcome, and each of them again for as long as the payer
 * asks. If it ends early the request stays open: the same call over a new channel goes on.
 */
export async function collectOver(
  wallet: Pick<Wallet, "receive" | "staple" | "meetStatus">,
  channel: Channel,
  requested: Pick<Requested, "message" | "payee" | "r">,
  options: CollectOptions,
): Promise<Result<Received, WalletRefusal>> {
  const conversation = new Conversation(channel, options);
  let received: Received | undefined;
  let refused: ReceiveRefusal = walletRefusal("connection-lost");
  let silences = 0;
  for (;;) {
    if (received === undefined) await sendStapled(wallet, channel, requested.message);
    const heard = await conversation.hear();
    if (heard === "closed" || heard === "enough") break;
    if (heard === "silence") {
      // A payer that has the outcome hangs up; one that is silent for long is gone.
      if (received !== undefined && (silences += 1) === LINGER) break;
      continue;
    }
    const kind = kindOf(heard);
    // What is no list, or an old one, is not worth a word: the payment says what it lacks.
    if (kind === "status") await wallet.meetStatus(heard);
    if (kind !== "payment") continue;
    const taken = await wallet.receive(heard);
    const answer = taken.ok ? taken.value.outcome : outcomeOf(taken.error);
    if (answer !== undefined) await channel.send(answer);
    if (!taken.ok) {
      refused = taken.error;
      if (refused.pending === true) break;
    } else if (taken.value.r === requested.r && received === undefined) {
      received = taken.value;
      conversation.progress();
      options.onReceived?.(received);
    }
  }
  await channel.close();
  return received === undefined ? err(refused) : ok(received);
}

function outcomeOf(refused: ReceiveRefusal): Uint8Array | undefined {
  return refused.outcome;
}
