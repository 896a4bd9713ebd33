import { setTimeout as delay } from "node:timers/promises";
import type { Result } from "@bezant/protocol";
import type { Party } from "@bezant/testkit";
import {
  channelPair,
  collectOver,
  payOver,
  type Channel,
  type PaidOver,
  type Patience,
  type Received,
  type Requested,
  type WalletRefusal,
} from "../../src/index.ts";

/** Repeats soon what may be lost, and gives up late. */
export const PATIENCE: Patience = {
  timer: (milliseconds, signal) => delay(milliseconds, undefined, { signal }),
  milliseconds: 40,
  attempts: 1000,
};

export const approve = (): boolean => true;

export type Met = {
  readonly paid: Result<PaidOver, WalletRefusal>;
  readonly received: Result<Received, WalletRefusal>;
};

/** Payer and payee meet and do what each has to. */
export async function meet(payer: Party, payee: Party, requested: Requested): Promise<Met> {
  const [left, right] = channelPair();
  return meetOver(payer, payee, requested, [payer.hold(left), payee.hold(right)]);
}

export async function meetOver(
  payer: Party,
  payee: Party,
  requested: Requested,
  [left, right]: readonly [Channel, Channel],
): Promise<Met> {
  const [paid, received] = await Promise.all([
    payOver(payer.wallet, left, { ...PATIENCE, approve }),
    collectOver(payee.wallet, right, requested, PATIENCE),
  ]);
  return { paid, received };
}
