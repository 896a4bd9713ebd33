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
  /** What the central bank's loss grows by, because circulation would fall below zero; negative: shrinks by. */
  readonly shortfall: bigint;
  readonly entries: readonly Entry[];
}

/** What the central bank's own accounts hold before a window is settled. Not both are other than zero. */
export interface Own {
  readonly circulation: bigint;
  /** At most zero. */
  readonly loss: bigint;
}

/**
 * Settles one window, netted over all providers (protocol document §15.5): what went outward is taken from prefunding, what came inward
 * goes into reserves, and circulation changes by one sum. What is not covered is a loss, named, and no reason to refuse. What came
 * back before the report of its deposit came goes the other way with that report (ADR 83).
 */
export function settle(reports: readonly Reported[], own: Own): Settlement {
  const positions = reports.map((one): Position => {
    const covered = one.outward < one.prefund ? one.outward : one.prefund;
    const [reserves, prefund] = [one.reserves + one.inward, one.prefund - covered];
    return { ...one, uncovered: one.outward - covered, reserves, prefund };
  });
  const net = reports.reduce((sum, { outward, inward }) => sum + outward - inward, 0n);
  const standing = own.circulation + own.loss + net;
  const loss = standing < 0n ? standing : 0n;
  const shortfall = own.loss - loss;
  const entries = positions.flatMap(({ provider: holder, outward, inward, uncovered }): Entry[] => [
    { kind: "prefund", holder, amount: uncovered - outward },
    { kind: "loss", holder, amount: -uncovered },
    { kind: "reserves", holder, amount: inward },
  ]);
  const ours: Entry[] = [
    { kind: "circulation", holder: OWN, amount: net + shortfall },
    { kind: "loss", holder: OWN, amount: -shortfall },
  ];
  return { positions, shortfall, entries: [...entries, ...ours] };
}
