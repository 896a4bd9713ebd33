import type { Outcome, Status } from "./run.ts";

/** How many of the mutants that load the tests have found, in percent, and for a sample where the whole lies (Wilson, 95 %). */
export function scoreOf({ tried, population }: Outcome) {
  const count = (status: Status): number => tried.filter((one) => one.status === status).length;
  const counts = {
    killed: count("killed"),
    timeout: count("timeout"),
    survived: count("survived"),
    uncovered: count("uncovered"),
    unloadable: count("unloadable"),
  };
  const n = tried.length - counts.unloadable;
  const found = counts.killed + counts.timeout;
  const interval = tried.length < population ? { interval: wilson(found, n) } : {};
  return { population, tried: tried.length, ...counts, score: percent(found / n), ...interval };
}

function wilson(found: number, n: number): readonly [number, number] {
  const z = 1.96;
  const p = found / n;
  const centre = p + (z * z) / (2 * n);
  const spread = z * Math.sqrt((p * (1 - p)) / n + (z * z) / (4 * n * n));
  const scale = 1 + (z * z) / n;
  return [percent((centre - spread) / scale), percent((centre + spread) / scale)];
}

function percent(ratio: number): number {
  return Math.round(ratio * 1000) / 10;
}
