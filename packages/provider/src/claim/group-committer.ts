import type { Refusal, Result } from "@bezant/protocol";

/** Does a group of items in one durable transaction: an answer for each of them in order, or one refusal for all. */
export type CommitGroup<I, O> = (items: readonly I[]) => Promise<Result<readonly O[], Refusal>>;

export interface GroupBounds {
  /** Items in one group at most. */
  readonly group: number;
  /** Groups at once. */
  readonly inFlight: number;
}

interface Waiting<I, O> {
  readonly item: I;
  readonly resolve: (answer: Result<O, Refusal>) => void;
  readonly reject: (bug: unknown) => void;
}

/**
 * Group commit. What arrives while groups are being committed waits and becomes the next group, so an idle server answers
 * at once, a busy one spends one fsync on hundreds of items, and there is no timer.
 */
export class GroupCommitter<I, O> {
  readonly #commit: CommitGroup<I, O>;
  readonly #bounds: GroupBounds;
  readonly #waiting: Waiting<I, O>[] = [];
  readonly #idle: (() => void)[] = [];
  #running = 0;

  constructor(bounds: GroupBounds, commit: CommitGroup<I, O>) {
    this.#bounds = bounds;
    this.#commit = commit;
  }

  /** Items that wait for a group, for metrics. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** Answers once the item's group was committed, was refused, or may or may not have been committed. */
  submit(item: I): Promise<Result<O, Refusal>> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, resolve, reject });
      this.#start();
    });
  }

  /** Answers when nothing waits or runs any more. */
  drained(): Promise<void> {
    if (this.#running === 0) return Promise.resolve();
    return new Promise((resolve) => this.#idle.push(resolve));
  }

  #start(): void {
    const { group, inFlight } = this.#bounds;
    while (this.#running < inFlight && this.#waiting.length > 0) {
      this.#running += 1;
      void this.#run(this.#waiting.splice(0, group));
    }
  }

  async #run(members: readonly Waiting<I, O>[]): Promise<void> {
    try {
      const answers = await this.#commit(members.map(({ item }) => item));
      for (const [index, { resolve }] of members.entries()) {
        if (answers.ok) resolve({ ok: true, value: answers.value[index] as O });
        else resolve(answers);
      }
    } catch (bug) {
      for (const { reject } of members) reject(bug);
    }
    this.#running -= 1;
    this.#start();
    if (this.#running === 0) for (const resolve of this.#idle.splice(0)) resolve();
  }
}
