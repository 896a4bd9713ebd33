import { Rng } from "../rng.ts";
import type { Action, Doings } from "./action.ts";
import { COURIER_ACTIONS } from "./couriers.ts";
import { EVIDENCE_ACTIONS } from "./evidence.ts";
import { FAULT_ACTIONS } from "./faults.ts";
import { IMPOSTOR_ACTIONS } from "./impostor.ts";
import { MALWARE_ACTIONS } from "./malware.ts";
import { NETWORK_ACTIONS } from "./network.ts";
import { SETTLEMENT_ACTIONS } from "./settlement.ts";
import { STORE_ACTIONS } from "./store.ts";
import { WALLET_ACTIONS } from "./wallet.ts";

export type { Action } from "./action.ts";

/** Everything that can happen. */
export const ACTIONS: Doings = {
  ...WALLET_ACTIONS,
  ...NETWORK_ACTIONS,
  ...FAULT_ACTIONS,
  ...STORE_ACTIONS,
  ...MALWARE_ACTIONS,
  ...COURIER_ACTIONS,
  ...IMPOSTOR_ACTIONS,
  ...EVIDENCE_ACTIONS,
  ...SETTLEMENT_ACTIONS,
};

/** In a script: here everything healed. */
export const HEAL = "heal";

const NAMES = Object.entries(ACTIONS).flatMap(([name, { weight }]) =>
  Array.from({ length: weight }, () => name),
);

/** What happens as number `i` in the run of a seed. */
export function actionsOf(seed: string): () => Action {
  const rng = new Rng(`${seed} actions`);
  return () => ({
    do: NAMES[rng.int(NAMES.length)] as string,
    u: rng.int(1 << 16),
    v: rng.int(1 << 16),
    n: rng.int(1 << 16),
    chance: rng.u32(),
  });
}
