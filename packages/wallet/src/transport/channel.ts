/**
 * A way to one other party: a socket, NFC, Bluetooth, two screens and two cameras. It carries whole messages of at most
 * `MAX_MESSAGE` bytes and may lose, repeat and reorder them.
 */
export interface Channel {
  /** False: it is closed. True does not say that the message has arrived. */
  readonly send: (message: Uint8Array) => Promise<boolean>;
  /** The next message; undefined once the channel is closed. One call at a time. */
  readonly receive: () => Promise<Uint8Array | undefined>;
  readonly close: () => Promise<void>;
}

/** Messages that wait to be received; what comes beyond that is lost, as the channel may. */
const WAITING = 64;

/** What an end of a channel has got and nobody has asked for, or the other way round. */
export class Inbox {
  readonly #waiting: Uint8Array[] = [];
  #receiver: ((message: Uint8Array | undefined) => void) | undefined;
  #closed = false;

  get closed(): boolean {
    return this.#closed;
  }

  put(message: Uint8Array): void {
    if (this.#closed) return;
    const receiver = this.#receiver;
    this.#receiver = undefined;
    if (receiver !== undefined) receiver(message);
    else if (this.#waiting.length < WAITING) this.#waiting.push(message);
  }

  take(): Promise<Uint8Array | undefined> {
    const next = this.#waiting.shift();
    if (next !== undefined || this.#closed) return Promise.resolve(next);
    return new Promise((resolve) => {
      this.#receiver = resolve;
    });
  }

  /** What is in it can still be taken. */
  close(): void {
    this.#closed = true;
    this.#receiver?.(undefined);
    this.#receiver = undefined;
  }
}
