import type { Channel } from "../transport/channel.ts";
import type { Wallet } from "../wallet.ts";

/** Resolves after so many milliseconds, or rejects once the signal is aborted. Node's is `timers/promises`. */
export type Timer = (milliseconds: number, signal: AbortSignal) => Promise<void>;

export type Patience = {
  readonly timer: Timer;
  /** How long to wait for the other party before what was said last is said again. */
  readonly milliseconds?: number | undefined;
  /** How often that, or anything else that leads nowhere, may happen. */
  readonly attempts?: number | undefined;
};

const MILLISECONDS = 2000;
const ATTEMPTS = 60;

/** The next message of the other party, or why there is none. */
export type Heard = Uint8Array | "silence" | "closed" | "enough";

/** Listens to the other party of a channel, with bounded patience. */
export class Conversation {
  readonly #channel: Channel;
  readonly #patience: Patience;
  #next: Promise<Uint8Array | undefined> | undefined;
  #left: number;

  constructor(channel: Channel, patience: Patience) {
    this.#channel = channel;
    this.#patience = patience;
    this.#left = patience.attempts ?? ATTEMPTS;
  }

  /** Each call costs one attempt; `progress` gives them all back. */
  async hear(): Promise<Heard> {
    if (this.#left === 0) return "enough";
    this.#left -= 1;
    this.#next ??= this.#channel.receive();
    const stop = new AbortController();
    const silence = this.#patience
      .timer(this.#patience.milliseconds ?? MILLISECONDS, stop.signal)
      .then(
        () => "silence" as const,
        () => "silence" as const,
      );
    const heard = await Promise.race([this.#next, silence]);
    stop.abort();
    if (heard === "silence") return heard;
    this.#next = undefined;
    return heard ?? "closed";
  }

  progress(): void {
    this.#left = this.#patience.attempts ?? ATTEMPTS;
  }
}

/**
 * Sends an own request or payment, and before it the part of the status list that vouches for its signer: a message of its own,
 * so that the others stay as short as they are.
 */
export async function sendStapled(
  wallet: Pick<Wallet, "staple">,
  channel: Channel,
  message: Uint8Array,
): Promise<void> {
  const status = await wallet.staple(message);
  if (status.ok && status.value !== undefined) await channel.send(status.value);
  await channel.send(message);
}
