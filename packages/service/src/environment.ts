import type { Seconds } from "@bezant/protocol";

/** What time it is; a simulation has its own. */
export interface Clock {
  readonly now: () => Seconds;
}

/** This many random bytes. */
export type Random = (length: number) => Uint8Array;
