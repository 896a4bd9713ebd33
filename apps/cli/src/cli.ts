import type { Seconds } from "@bezant/protocol";
import type { Output } from "./output.ts";

/** What commands get from the process they run in. */
export type Cli = {
  readonly output: Output;
  readonly now: () => Seconds;
  readonly env: NodeJS.ProcessEnv;
};
