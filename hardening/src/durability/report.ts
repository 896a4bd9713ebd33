import { KINDS } from "./acknowledged.ts";
import type { Report } from "./run.ts";

/** A run in figures, without anything of a particular client. */
export function summary({ rounds, acknowledged, ends }: Report) {
  const sum = (of: (round: Report["rounds"][number]) => number): number =>
    rounds.reduce((total, round) => total + of(round), 0);
  return {
    rounds: rounds.length,
    kills: Object.fromEntries(
      [...Map.groupBy(rounds, ({ victim }) => victim)].map(([victim, of]) => [victim, of.length]),
    ),
    killsInFlight: sum(({ inFlight }) => (inFlight > 0 ? 1 : 0)),
    killsCommitting: sum(({ committing }) => (committing > 0 ? 1 : 0)),
    transactionsInFlight: sum(({ inFlight }) => inFlight),
    acknowledged: Object.fromEntries(KINDS.map((kind) => [kind, acknowledged[kind].size])),
    unanswered: acknowledged.unanswered,
    committedUnacknowledged: sum((round) => round.unacknowledged),
    operations: Object.fromEntries([...ends].toSorted(([a], [b]) => (a < b ? -1 : 1))),
    violations: sum(({ violations }) => violations.length),
  };
}
