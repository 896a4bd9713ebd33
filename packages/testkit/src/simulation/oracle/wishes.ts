import { Violation } from "./property.ts";

/** What was wished for and not done at one time, and how often. */
export type OpenWishes = ReadonlyMap<string, number>;

/** What users have asked their wallets for: nothing else may leave them. */
export class Wishes {
  readonly #wished = new Map<string, number>();
  readonly #done = new Map<string, number>();

  wish(what: string, times = 1): void {
    this.#wished.set(what, (this.#wished.get(what) ?? 0) + times);
  }

  /** What a store remembers that is copied now. */
  open(what: string): OpenWishes {
    const all = [...this.#wished].filter(([wish]) => wish.startsWith(what));
    const open = all.map(([wish, times]) => [wish, times - (this.#done.get(wish) ?? 0)] as const);
    return new Map(open.filter(([, times]) => times > 0));
  }

  /** Whoever starts over such a copy carries it out, too. */
  again(open: OpenWishes): void {
    for (const [wish, times] of open) this.wish(wish, times);
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
