import { KINDS } from "../durability/acknowledged.ts";
import type { Report } from "./run.ts";

/** A run in figures, without anything of a particular client. */
export function summary({ rounds, acknowledged, ends, across, reports, relay }: Report) {
  const sum = (of: (round: Report["rounds"][number]) => number): number =>
    rounds.reduce((total, round) => total + of(round), 0);
  const hit = (of: (round: Report["rounds"][number]) => number): number =>
    sum((round) => (of(round) > 0 ? 1 : 0));
  return {
    rounds: rounds.length,
    kills: Object.fromEntries(
      [...Map.groupBy(rounds, ({ victim }) => victim)].map(([victim, of]) => [victim, of.length]),
    ),
    killsInFlight: hit(({ inFlight }) => inFlight),
    killsCommitting: hit(({ committing }) => committing),
    killsMidMessage: hit(({ messages }) => messages),
    downForWindows: hit(({ missed }) => missed),
    acknowledged: Object.fromEntries(KINDS.map((kind) => [kind, acknowledged[kind].size])),
    paymentsAcross: across,
    reports,
    relay,
    unanswered: acknowledged.unanswered,
    committedUnacknowledged: sum((round) => round.unacknowledged),
    operations: Object.fromEntries([...ends].toSorted(([a], [b]) => (a < b ? -1 : 1))),
    violations: sum(({ violations }) => violations.length),
  };
}
