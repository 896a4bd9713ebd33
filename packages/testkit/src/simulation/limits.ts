import { amount, type Limits } from "@bezant/protocol";
import { LIMITS } from "../provider.ts";

/** Limits that are reached: by every second payment at a till, by whoever is asked for 56 and more, and by those who have much. */
export const TIGHT: Limits = {
  ...LIMITS,
  noPinCap: amount(300n),
  maxPayment: amount(55n),
  maxHolding: amount(10_200n),
};
/** What fits into an empty device, with some room left for payments. */
export const MOST_TO_FILL = 10_000n;
