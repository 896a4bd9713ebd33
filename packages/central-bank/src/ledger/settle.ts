import type { ProviderId } from "@bezant/protocol";
import { OWN, type Entry } from "./accounts.ts";

/** What a provider's reports of one window say together, and what it has. */
export interface Reported {
  readonly provider: ProviderId;
  /** The last of the reports. */
  readonly report: bigint;
  readonly outward: bigint;
  readonly inward: bigint;
  readonly reserves: bigint;
  readonly prefund: bigint;
}

/** What a window comes to for a provider; the balances are those after it. */
export interface Position extends Reported {
  /** Of `outward`, what its prefunding did not cover. */
  readonly uncovered: bigint;
}

export interface Settlement {
  readonly positions: readonly Position[];
  /** What offline circulation would have fallen below zero by. */
  readonly shortfall: bigint;
  readonly entries: readonly Entry[];
}

/**
 * Settles one window, netted over all providers (protocol document §15.5): what went outward is taken from prefunding, what came inward
 * goes into reserves, and circulation changes by one sum. What is not covered is a loss, named, and no reason to refuse.
 */
export function settle(reports: readonly Reported[], circulation: bigint): Settlement {
  const positions = reports.map((one): Position => {
    const covered = one.outward < one.prefund ? one.outward : one.prefund;
    const [reserves, prefund] = [one.reserves + one.inward, one.prefund - covered];
    return { ...one, uncovered: one.outward - covered, reserves, prefund };
  });
  const net = reports.reduce((sum, { outward, inward }) => sum + outward - inward, 0n);
  const shortfall = circulation + net < 0n ? -(circulation + net) : 0n;
  const entries = positions.flatMap(({ provider: holder, outward, inward, uncovered }): Entry[] => [
    { kind: "prefund", holder, amount: uncovered - outward },
    { kind: "loss", holder, amount: -uncovered },
    { kind: "reserves", holder, amount: inward },
  ]);
  const own: Entry[] = [
    { kind: "circulation", holder: OWN, amount: net + shortfall },
    { kind: "loss", holder: OWN, amount: -shortfall },
  ];
  return { positions, shortfall, entries: [...entries, ...own] };
}
