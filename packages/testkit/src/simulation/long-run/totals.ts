import { createHash } from "node:crypto";
import type { SimulationOptions, SimulationReport } from "../simulation.ts";

/** A long run is many worlds, each from a seed of its own: none grows without end, and each can be run again alone. */
export type WorldOrder = Omit<SimulationOptions, "trustedApp" | "script" | "onProgress" | "signal">;

/** What a world has to say of itself; its actions follow from its seed. */
export type WorldReport = Omit<SimulationReport, "actions">;

/** All worlds together. */
export type Totals = {
  readonly seed: string;
  readonly signatures: SimulationReport["signatures"];
  readonly worlds: number;
  readonly steps: number;
  readonly messages: number;
  readonly crashes: number;
  readonly payments: number;
  readonly violations: number;
  /** Of the first world that has one: with its own seed, and the step in it. */
  readonly violation?: { readonly seed: string } & NonNullable<SimulationReport["violation"]>;
  /** SHA-256 over the worlds' traces in their order; of one world alone, its own. */
  readonly trace: string;
};

/** The worlds of a run: the first has the run's own seed. */
export function worldsOf(run: WorldOrder, worldSteps: number): readonly WorldOrder[] {
  const worlds = Math.max(1, Math.ceil(run.steps / worldSteps));
  return Array.from({ length: worlds }, (_, i) => ({
    ...run,
    seed: i === 0 ? run.seed : `${run.seed}/${i + 1}`,
    steps: Math.min(worldSteps, run.steps - i * worldSteps),
  }));
}

/** @param reports by their number; where the run was stopped, those that there are */
export function totalsOf(
  { seed, mode = "stub" }: WorldOrder,
  reports: ReadonlyMap<number, WorldReport>,
): Totals {
  const all = [...reports].toSorted(([a], [b]) => a - b).map(([, report]) => report);
  const sum = (of: (one: WorldReport) => number): number =>
    all.reduce((total, one) => total + of(one), 0);
  const failed = all.find(({ violation }) => violation !== undefined);
  return {
    seed,
    signatures: mode,
    worlds: all.length,
    steps: sum(({ steps }) => steps),
    messages: sum(({ messages }) => messages),
    crashes: sum(({ crashes }) => crashes),
    payments: sum(({ payments }) => payments),
    violations: sum(({ violations }) => violations),
    ...(failed?.violation === undefined
      ? {}
      : { violation: { seed: failed.seed, ...failed.violation } }),
    trace: traceOf(all),
  };
}

function traceOf(all: readonly WorldReport[]): string {
  const [only, ...others] = all;
  if (only !== undefined && others.length === 0) return only.trace;
  const hash = createHash("sha256");
  for (const { trace } of all) hash.update(trace);
  return hash.digest("hex");
}
