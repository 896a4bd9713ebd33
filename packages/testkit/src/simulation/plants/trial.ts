import type { PGlite } from "@electric-sql/pglite";
import { unwrap } from "@bezant/protocol";
import { loadTrustedApp } from "@bezant/tee";
import { Arena } from "../simulation.ts";
import type { Plant } from "./list.ts";

/** How a fault was found. */
export type Found = {
  readonly steps: number;
  readonly seed: string;
  /** Of the last seed. */
  readonly step: number;
  readonly property: string;
  readonly detail: string;
};

export type TrialBounds = {
  /** Steps of one seed, and of all together. */
  readonly steps: number;
  readonly budget: number;
};

const WORLD = { devices: 3, merchants: 1, healEvery: 100 } as const;

/** The run that found a fault, in sound code: what it finds there is the simulation's own fault. */
export async function control(
  engines: readonly PGlite[],
  { signatures }: Plant,
  { seed, steps }: { readonly seed: string; readonly steps: number },
): Promise<string | undefined> {
  const arena = Arena.over(engines);
  const report = await arena.simulate({ seed, steps, ...WORLD, mode: signatures ?? "stub" });
  await arena.release();
  return report.violation?.detail;
}

/** Small worlds, one seed after the other, until the fault is found; undefined: it was not. */
export async function trial(
  engines: readonly PGlite[],
  { name, signatures }: Plant,
  trustedApp: Uint8Array | undefined,
  { steps, budget }: TrialBounds,
): Promise<Found | undefined> {
  const arena = Arena.over(engines);
  const app = trustedApp === undefined ? {} : { trustedApp: unwrap(loadTrustedApp(trustedApp)) };
  let used = 0;
  for (let number = 1; used < budget; number++) {
    const seed = `${name} ${number}`;
    const world = { ...WORLD, mode: signatures ?? "stub" } as const;
    const report = await arena.simulate({ seed, steps, ...world, ...app });
    used += report.steps;
    if (report.violation === undefined) continue;
    await arena.release();
    const { property, detail, step } = report.violation;
    return { steps: used, seed, step, property, detail };
  }
  await arena.release();
  return undefined;
}
