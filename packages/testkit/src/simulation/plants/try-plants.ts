import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { PLANTS, type Plant } from "./list.ts";
import type { Found, TrialBounds } from "./trial.ts";

export type Tried = {
  readonly plant: Plant;
  readonly found: Found | undefined;
  /** The trial itself failed. */
  readonly error?: string;
};

const WORKERS = 2;
const WORKER = fileURLToPath(new URL("./worker.ts", import.meta.url));

/** Puts each fault into the code, in processes of their own, and lets the simulation look for it. */
export async function tryPlants(
  numbers: readonly number[],
  bounds: TrialBounds,
  onTried: (tried: Tried) => void = () => undefined,
): Promise<readonly Tried[]> {
  const waiting = [...numbers];
  const all: Tried[] = [];
  const work = async (): Promise<void> => {
    const child = fork(WORKER, { stdio: ["ignore", "inherit", "inherit", "ipc"] });
    try {
      await answerOf(child);
      for (let number = waiting.shift(); number !== undefined; number = waiting.shift()) {
        const plant = PLANTS[number] as Plant;
        child.send({ number, bounds });
        const { found, error } = await answerOf(child);
        const tried = { plant, found, ...(error === undefined ? {} : { error }) };
        all.push(tried);
        onTried(tried);
        if (!child.connected) break;
      }
    } finally {
      child.kill();
    }
  };
  await Promise.all(Array.from({ length: Math.min(WORKERS, numbers.length) }, work));
  return all;
}

type Answer = { readonly found?: Found; readonly error?: string };

async function answerOf(child: ChildProcess): Promise<Answer> {
  const waiting = new AbortController();
  const { signal } = waiting;
  try {
    const [answer] = (await Promise.race([
      once(child, "message", { signal }),
      once(child, "exit", { signal }).then(() => [{ error: "the worker ended" }]),
    ])) as [Answer];
    return answer;
  } finally {
    waiting.abort();
  }
}

/** The middle one of the steps after which they were found. */
export function medianSteps(tried: readonly Tried[]): number {
  const steps = tried.flatMap(({ found }) => (found === undefined ? [] : [found.steps]));
  return steps.toSorted((a, b) => a - b)[steps.length >> 1] ?? Number.NaN;
}
