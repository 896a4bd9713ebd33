import { performance } from "node:perf_hooks";

/** Times of single runs, in microseconds. */
export type Times = { readonly median: number; readonly p95: number; readonly runs: number };

type Work = (i: number) => unknown;

/** Runs the work often enough for its median to settle, after a warm-up that does not count. */
export async function time(runs: number, work: Work): Promise<Times> {
  const { only } = await timeInTurns(runs, runs, { only: work });
  return only;
}

/**
 * The same for several kinds of work that are to be compared: so many runs of the one, so many of the next, and round again, so
 * that a machine that is faster at one minute than at another is so for all of them.
 */
export async function timeInTurns<Name extends string>(
  runs: number,
  turn: number,
  works: Readonly<Record<Name, Work>>,
): Promise<Record<Name, Times>> {
  const kinds = (Object.keys(works) as Name[]).map((name) => ({
    name,
    work: works[name],
    times: [] as number[],
  }));
  const warmUp = Math.ceil(runs / 10);
  for (const { work } of kinds) for (let i = 0; i < warmUp; i++) await work(i);
  for (let begin = 0; begin < runs; begin += turn) {
    for (const { work, times } of kinds) {
      for (let i = begin; i < Math.min(begin + turn, runs); i++) {
        const begun = performance.now();
        const result = work(warmUp + i);
        if (result instanceof Promise) await result;
        times.push((performance.now() - begun) * 1000);
      }
    }
  }
  return Object.fromEntries(kinds.map(({ name, times }) => [name, summary(times)])) as Record<
    Name,
    Times
  >;
}

function summary(times: readonly number[]): Times {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.floor(share * (sorted.length - 1))] ?? 0;
  return { median: round(at(0.5)), p95: round(at(0.95)), runs: sorted.length };
}

export function round(value: number, digits = 1): number {
  return Number(value.toFixed(digits));
}
