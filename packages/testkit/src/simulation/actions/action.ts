import type { World } from "../world.ts";

/** One thing that happens. It says the same in every run, whatever happened before it. */
export type Action = {
  readonly do: string;
  /** A user, another one, a number of any use, and where chance comes from. */
  readonly u: number;
  readonly v: number;
  readonly n: number;
  readonly chance: number;
};

export type Doing = {
  /** How often it is chosen. */
  readonly weight: number;
  /** False: there was nothing to do. */
  readonly run: (world: World, action: Action) => boolean | Promise<boolean>;
};

export type Doings = Readonly<Record<string, Doing>>;
