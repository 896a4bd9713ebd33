import type { Action } from "./actions/index.ts";
import type { Arena, SimulationOptions, SimulationReport } from "./simulation.ts";

export type ShrinkOptions = {
  /** Simulations at most. */
  readonly attempts: number;
  readonly onProgress?: (left: number, attempts: number) => void;
};

/**
 * Reduces the actions of a run that found a violation to few that find one of the same property: delta debugging (Zeller and
 * Hildebrandt's ddmin). Actions carry their own chance, so leaving one out does not change what the others are.
 */
export async function shrink(
  arena: Arena,
  options: SimulationOptions,
  found: SimulationReport,
  { attempts, onProgress = () => undefined }: ShrinkOptions,
): Promise<readonly Action[]> {
  const property = found.violation?.property;
  let left = attempts;
  let actions = found.actions;
  const fails = async (script: readonly Action[]): Promise<boolean> => {
    left -= 1;
    const report = await arena.simulate({ ...options, script });
    if (report.violation?.property !== property) return false;
    // What came after the violation, or had nothing to do, is gone as well.
    actions = report.actions;
    onProgress(actions.length, attempts - left);
    return true;
  };
  for (let parts = 2; left > 0 && actions.length > 1;) {
    const size = Math.ceil(actions.length / parts);
    let isShorter = false;
    for (let at = 0; at < actions.length && left > 0; at += size) {
      const rest = [...actions.slice(0, at), ...actions.slice(at + size)];
      if (await fails(rest)) {
        isShorter = true;
        break;
      }
    }
    if (isShorter) parts = Math.max(2, parts - 1);
    else if (size === 1) break;
    else parts = Math.min(actions.length, parts * 2);
  }
  return actions;
}
