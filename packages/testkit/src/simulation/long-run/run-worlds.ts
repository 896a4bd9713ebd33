import { forkedRunner, localRunner } from "./runner.ts";
import { totalsOf, worldsOf, type Totals, type WorldOrder, type WorldReport } from "./totals.ts";

export type LongRunOptions = {
  readonly providers: number;
  /** Steps of one world at most. */
  readonly worldSteps: number;
  /** Worlds at once, each in a process of its own; 1: in this one. */
  readonly jobs: number;
  /** Ends the run in good order: what is under way heals and is counted. */
  readonly signal: AbortSignal;
  /** All steps so far. */
  readonly onProgress: (steps: number) => void;
};

/** Runs the worlds of a run until all are done, one finds a violation, or somebody stops it. */
export async function runWorlds(run: WorldOrder, options: LongRunOptions): Promise<Totals> {
  const { providers, worldSteps, jobs, onProgress } = options;
  const worlds = worldsOf(run, worldSteps);
  const found = new AbortController();
  const signal = AbortSignal.any([options.signal, found.signal]);
  const reports = new Map<number, WorldReport>();
  const steps = new Map<number, number>();
  const note = (number: number, done: number): void => {
    steps.set(number, done);
    onProgress([...steps.values()].reduce((sum, one) => sum + one, 0));
  };
  let next = 0;
  const isStopped = (): boolean => signal.aborted;
  const work = async (): Promise<void> => {
    if (isStopped()) return;
    const runner = await (jobs > 1 ? forkedRunner : localRunner)(providers, signal);
    try {
      while (!isStopped()) {
        const number = next++;
        const order = worlds[number];
        if (order === undefined) break;
        const report = await runner.run(order, (done) => note(number, done));
        note(number, report.steps);
        reports.set(number, report);
        if (report.violation !== undefined) found.abort();
      }
    } finally {
      await runner.close();
    }
  };
  await Promise.all(Array.from({ length: Math.min(jobs, worlds.length) }, work));
  return totalsOf(run, reports);
}
