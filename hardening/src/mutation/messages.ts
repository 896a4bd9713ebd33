import type { Mutant } from "./schemata.ts";

/** What a worker is to load. */
export type Plan = {
  /** URL of the project's folder. */
  readonly root: string;
  readonly mutants: readonly Mutant[];
  /** URL of what is loaded anew for a mutant that is at work while modules load. */
  readonly reloaded: string;
  /** Test files. */
  readonly tests: readonly string[];
};

/** A test, and how long it takes. */
export type Timed = { readonly name: string; readonly ms: number };

export type Order =
  | { readonly kind: "survey" }
  /** The tests of these files, not yet run. */
  | { readonly kind: "load"; readonly files: readonly string[] }
  | {
      readonly kind: "try";
      readonly id: number;
      /** The most promising first. */
      readonly tests: readonly Timed[];
      /** Load every module anew: it is at work while they load. */
      readonly fresh: boolean;
      /** A trusted application to be tried in place of the one that was built. */
      readonly module?: string;
    };

export type Answer =
  | { readonly kind: "ready" }
  | { readonly kind: "loaded" }
  /** A test begins: from here its own time counts. */
  | { readonly kind: "began"; readonly test: string }
  | {
      readonly kind: "surveyed";
      readonly files: readonly {
        readonly file: string;
        readonly tests: readonly {
          readonly name: string;
          readonly ms: number;
          readonly covers: readonly number[];
        }[];
      }[];
      readonly ofLoading: readonly number[];
      /** Tests that do not hold by themselves: they are not used. */
      readonly broken: readonly string[];
    }
  | {
      readonly kind: "killed";
      readonly id: number;
      readonly by: string;
      /** The test fails without the mutant now, too. */
      readonly isSpoilt: boolean;
    }
  | { readonly kind: "survived"; readonly id: number }
  | { readonly kind: "unloadable"; readonly id: number; readonly why: string };
