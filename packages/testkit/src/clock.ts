import { seconds, type Seconds } from "@bezant/protocol";

/** When every network begins: in January 2027. */
export const START = seconds(1_800_000_000);

/** The time of a whole network; it passes only when it is told to. */
export class VirtualClock {
  #now: number = START;

  now(): Seconds {
    return seconds(this.#now);
  }

  /** What a clock shows that is wrong by so much. */
  at(skew: number): Seconds {
    return seconds(this.#now + skew);
  }

  pass(duration: number): void {
    this.#now += duration;
  }
}
