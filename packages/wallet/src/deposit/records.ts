import { bool, bytes, field, map, MAX_MESSAGE, optional, type Infer } from "@bezant/protocol";
import { kind } from "../store/records.ts";

const deposit = map({
  amount: [1, field.amount],
  at: [2, field.seconds],
  ta: [3, field.taId],
  /** From here on the provider may have moved the money. */
  reservation: [4, optional(bytes(0, MAX_MESSAGE))],
  /** Present once the TA has the money. */
  done: [5, optional(bool())],
});

/** Deposits by a number of the wallet's own. */
export const DEPOSIT = kind("deposit", deposit);
export type DepositRecord = Infer<typeof deposit>;
