import type { Random } from "./random.ts";

/** Something that reads what others wrote. An input is a list of byte strings: one message, or a whole session. */
export interface Target {
  readonly name: string;
  /** What has to run before the first input is made; it is asked once. */
  readonly begin?: () => Promise<void>;
  readonly make: (random: Random) => Uint8Array[];
  /** Throws, or rejects, if the input is not treated as it must be. Whatever is thrown is a failure. */
  readonly run: (input: readonly Uint8Array[]) => void | Promise<void>;
  /** Lets go of what runs. */
  readonly end?: () => Promise<void>;
}

class Wrong extends Error {}

export function must(holds: boolean, what: string): asserts holds {
  if (!holds) throw new Wrong(what);
}
