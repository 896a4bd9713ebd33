import { Violation } from "./property.ts";

/** What users have asked their wallets for: nothing else may leave them. */
export class Wishes {
  readonly #wished = new Map<string, number>();
  readonly #done = new Map<string, number>();

  wish(what: string): void {
    this.#wished.set(what, (this.#wished.get(what) ?? 0) + 1);
  }

  /** What is wished for and not done is in the store that is copied: each copy carries it out. */
  copied(what: string): void {
    for (const [wish, times] of this.#wished) {
      const open = times - (this.#done.get(wish) ?? 0);
      if (wish.startsWith(what) && open > 0) this.#wished.set(wish, times + open);
    }
  }

  /** It was done: at most as often as it was wished for. */
  done(what: string): void {
    const times = (this.#done.get(what) ?? 0) + 1;
    this.#done.set(what, times);
    if (times > (this.#wished.get(what) ?? 0)) {
      throw new Violation("wallet security", `nobody wished for ${what}, done ${times} times`);
    }
  }
}
