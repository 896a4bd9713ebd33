import { bool, bytes, field, map, MAX_MESSAGE, optional } from "@bezant/protocol";
import { padded } from "../core/sequence.ts";
import { kind } from "../store/records.ts";

const withdrawal = map({
  amount: [1, field.amount],
  at: [2, field.seconds],
  message: [3, bytes(0, MAX_MESSAGE)],
  /** Present once the provider has credited it. */
  credited: [4, optional(bool())],
});

/** Withdrawals that a TA has signed, by `withdrawalKey`. */
export const WITHDRAWAL = kind("withdrawal", withdrawal);

export function withdrawalKey(ta: string, w: number): string {
  return `${ta}/${padded(w)}`;
}
