import type { PGlite } from "@electric-sql/pglite";
import { unwrap } from "@bezant/protocol";
import { loadTrustedApp } from "@bezant/tee";
import { Arena } from "../simulation.ts";
import type { Plant } from "./plant.ts";

/** How a fault was found. */
export type Found = {
  /** Of all seeds that were run, one after the other. */
  readonly steps: number;
  /** The number of the last seed, and of its step. */
  readonly seed: number;
  readonly step: number;
  readonly property: string;
  readonly detail: string;
};

export type TrialBounds = {
  /** Steps of one seed, and of all together. */
  readonly steps: number;
  readonly budget: number;
  /** The seed to begin with: the one that has found this fault before. */
  readonly known?: number | undefined;
};

const WORLD = { devices: 3, merchants: 1, healEvery: 100 } as const;

/** The run that found a fault, in sound code: what it finds there is the simulation's own fault. */
export async function control(
  engines: readonly PGlite[],
  plant: Plant,
  { seed, step: steps }: Found,
): Promise<string | undefined> {
  const arena = Arena.over(engines);
  const report = await arena.simulate({ ...worldOf(plant, seed), steps });
  await arena.release();
  return report.violation?.detail;
}

/** Small worlds, one seed after the other, until the fault is found; undefined: it was not. */
export async function trial(
  engines: readonly PGlite[],
  plant: Plant,
  trustedApp: Uint8Array | undefined,
  { steps, budget, known }: TrialBounds,
): Promise<Found | undefined> {
  const arena = Arena.over(engines);
  const app = trustedApp === undefined ? {} : { trustedApp: unwrap(loadTrustedApp(trustedApp)) };
  let used = 0;
  for (let number = known === undefined ? 1 : 0; used < budget; number++) {
    const seed = number === 0 ? (known ?? 1) : number;
    const report = await arena.simulate({ ...worldOf(plant, seed), steps, ...app });
    used += report.steps;
    const { violation } = report;
    // Found by its cause, and not by an accident.
    if (violation === undefined || plant.violates?.includes(violation.property) === false) continue;
    await arena.release();
    return { steps: used, seed, ...violation };
  }
  await arena.release();
  return undefined;
}

function worldOf({ name, signatures }: Plant, number: number) {
  return { ...WORLD, seed: `${name} ${number}`, mode: signatures ?? "stub" } as const;
}
