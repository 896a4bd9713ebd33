/** Seeded randomness (sfc32): the same seed gives the same world. Not for keys outside tests. */
export class Random {
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  constructor(seed: number) {
    this.#a = seed | 0;
    this.#b = 0x9e37_79b9;
    this.#c = 0x243f_6a88;
    for (let i = 0; i < 15; i++) this.next();
  }

  /** 32 bits. */
  next(): number {
    const sum = (this.#a + this.#b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0;
    return sum >>> 0;
  }

  /** 0 to n - 1. */
  below(n: number): number {
    return this.next() % n;
  }

  between(low: number, high: number): number {
    return low + this.below(high - low + 1);
  }

  chance(probability: number): boolean {
    return this.next() < probability * 0x1_0000_0000;
  }

  bytes(length: number): Uint8Array {
    return Uint8Array.from({ length }, () => this.next() & 0xff);
  }

  pick<T>(items: readonly T[]): T {
    if (items.length === 0) throw new RangeError("nothing to pick from");
    return items[this.below(items.length)] as T;
  }

  /** Mostly one of the last few, but anything ever seen can come back. */
  pickRecent<T>(items: readonly T[]): T | undefined {
    if (items.length === 0) return undefined;
    const window = this.chance(0.85) ? Math.min(items.length, 8) : items.length;
    return items[items.length - 1 - this.below(window)];
  }
}
