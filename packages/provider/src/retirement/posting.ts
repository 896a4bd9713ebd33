import { amount as amountOf, type TaId } from "@bezant/protocol";
import { numberReference, type Account, type Posting } from "../ledger/index.ts";

/** Takes back confirmation d, which a retired TA can never apply. */
export function returnPosting(account: Account, ta: TaId, d: number, amount: bigint): Posting {
  return {
    operation: "retirement",
    party: ta,
    reference: numberReference(d),
    debit: "offline",
    credit: account.status === "open" ? "online" : "suspense",
    amount: amountOf(amount),
  };
}
