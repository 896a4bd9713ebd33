import { amount, FLOW_KINDS, type FlowKind, type Flows } from "@bezant/protocol";
import type { Transaction } from "@bezant/service/db";

interface Moved {
  readonly operation: string;
  readonly credit: string;
  readonly amount: bigint;
}

const HELD = {
  name: "report-flows",
  text: `/* all clients: a report is of all of them */
    SELECT operation, credit, sum(amount) AS amount FROM cut_totals
    WHERE report BETWEEN $1 AND $2 GROUP BY operation, credit`,
};

/** What these reports hold, from the cuts. */
export async function readFlows(
  transaction: Transaction,
  first: bigint,
  last: bigint,
): Promise<Flows> {
  const { rows } = await transaction.query<Moved>(HELD, [first, last]);
  return toFlows(rows);
}

/** What of the ledger's movements has crossed between online and offline money, as the central bank counts it. */
function toFlows(moved: readonly Moved[]): Flows {
  const sums = new Map<FlowKind, bigint>();
  for (const { amount: x, ...one } of moved) {
    const kind = kindOf(one);
    if (kind !== undefined) sums.set(kind, (sums.get(kind) ?? 0n) + x);
  }
  const all = FLOW_KINDS.map((kind) => [kind, amount(sums.get(kind) ?? 0n)]);
  return Object.fromEntries(all) as Flows;
}

/** Undefined: money that stays online. */
function kindOf({ operation, credit }: Omit<Moved, "amount">): FlowKind | undefined {
  switch (operation) {
    case "deposit":
      return "deposits";
    case "withdrawal":
      return "withdrawals";
    case "claim":
      return "claims";
    case "retirement":
      return "returns";
    case "refund":
      return "refunds";
    case "reconciliation":
      return credit === "offline" ? "reconciledOut" : "reconciledIn";
    default:
      return undefined;
  }
}
