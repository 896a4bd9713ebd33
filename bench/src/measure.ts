import { performance } from "node:perf_hooks";

/** Times of single runs, in microseconds. */
export type Times = { readonly median: number; readonly p95: number; readonly runs: number };

/** Runs the work often enough for its median to settle, after a warm-up that does not count. */
export async function time(runs: number, work: (i: number) => unknown): Promise<Times> {
  const warmUp = Math.ceil(runs / 10);
  for (let i = 0; i < warmUp; i++) await work(i);
  const times: number[] = [];
  for (let i = 0; i < runs; i++) {
    const begun = performance.now();
    const result = work(warmUp + i);
    if (result instanceof Promise) await result;
    times.push((performance.now() - begun) * 1000);
  }
  return summary(times);
}

function summary(times: readonly number[]): Times {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.floor(share * (sorted.length - 1))] ?? 0;
  return { median: round(at(0.5)), p95: round(at(0.95)), runs: sorted.length };
}

export function round(value: number, digits = 1): number {
  return Number(value.toFixed(digits));
}
