import type { Seconds } from "@bezant/protocol";
import type { Network } from "../network/network.ts";
import type { People } from "./people.ts";
import type { Teller } from "./teller.ts";

/** On what the story is played. */
export type Stage = {
  readonly teller: Teller;
  readonly network: Network;
  readonly people: People;
  readonly now: () => Seconds;
};
