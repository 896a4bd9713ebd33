import { amount, FLOW_KINDS, INWARD, OUTWARD, type FlowKind, type Flows } from "@bezant/protocol";
import type { Transaction } from "@bezant/service/db";

interface Moved {
  readonly operation: string;
  readonly credit: string;
  readonly amount: bigint;
}

const HELD = {
  name: "report-flows",
  text: `/* all clients: a report is of all of them */
    SELECT operation, credit, sum(amount) AS amount FROM (
      SELECT operation, credit, amount FROM cut_totals WHERE report <= $1
      UNION ALL SELECT operation, credit, amount FROM house_transfers WHERE report <= $1
    ) AS held GROUP BY operation, credit`,
};

/** What this report and all before it hold, from the cuts. */
export async function readFlows(transaction: Transaction, last: bigint): Promise<Flows> {
  const { rows } = await transaction.query<Moved>(HELD, [last]);
  return toFlows(rows);
}

/** What of the ledger's movements has crossed between online and offline money, as the central bank counts it. */
export function toFlows(moved: readonly Moved[]): Flows {
  const sums = new Map<FlowKind, bigint>();
  for (const { amount: x, ...one } of moved) {
    const kind = kindOf(one);
    // What is brought back after all has been written off before, in this report or an earlier one.
    const change = one.operation === "recovery" ? -x : x;
    if (kind !== undefined) sums.set(kind, (sums.get(kind) ?? 0n) + change);
  }
  return flowsBy((kind) => sums.get(kind) ?? 0n);
}

export const NO_FLOWS: Flows = flowsBy(() => 0n);

/**
 * What a report has to add, so that the central bank knows what the ledger's cuts come to. Where they hold less than was
 * reported, because the ledger was restored from a backup, that is made up first, in each direction: what was forgotten may
 * come back as movements of another kind.
 */
export function flowsBeyond(reported: Flows, held: Flows): Flows {
  const excess = (kind: FlowKind): bigint => positive(held[kind] - reported[kind]);
  const added = new Map<FlowKind, bigint>([["refunds", excess("refunds")]]);
  for (const kinds of [OUTWARD, INWARD]) {
    let left = positive(sumOf(held, kinds) - sumOf(reported, kinds));
    for (const kind of kinds) {
      const x = excess(kind) < left ? excess(kind) : left;
      added.set(kind, x);
      left -= x;
    }
  }
  return flowsBy((kind) => added.get(kind) ?? 0n);
}

export function addFlows(one: Flows, other: Flows): Flows {
  return flowsBy((kind) => one[kind] + other[kind]);
}

/** Money that has crossed, by direction. */
export interface Crossed {
  readonly outward: bigint;
  readonly inward: bigint;
}

export function crossed(flows: Flows): Crossed {
  return { outward: sumOf(flows, OUTWARD), inward: sumOf(flows, INWARD) };
}

/** What was reported and the ledger does not hold, or not any more. */
export function forgotten(reported: Flows, held: Flows): Crossed {
  const [told, kept] = [crossed(reported), crossed(held)];
  return {
    outward: positive(told.outward - kept.outward),
    inward: positive(told.inward - kept.inward),
  };
}

function sumOf(flows: Flows, kinds: readonly FlowKind[]): bigint {
  return kinds.reduce((total, kind) => total + flows[kind], 0n);
}

function positive(x: bigint): bigint {
  return x > 0n ? x : 0n;
}

function flowsBy(of: (kind: FlowKind) => bigint): Flows {
  return Object.fromEntries(FLOW_KINDS.map((kind) => [kind, amount(of(kind))])) as Flows;
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
    case "write-off":
    case "recovery":
      return "reconciledOut";
    default:
      return undefined;
  }
}
