import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { PLANTS } from "./list.ts";
import type { Plant } from "./plant.ts";
import type { Found, TrialBounds } from "./trial.ts";

export type Tried = {
  readonly plant: Plant;
  readonly found: Found | undefined;
  /** The trial itself failed. */
  readonly error?: string;
};

const WORKERS = 2;
const WORKER = fileURLToPath(new URL("./worker.ts", import.meta.url));

/** Recorded: the seed that found a fault, and after how many steps, by its name (`npm run simulate -- --plants --record`). */
export type Recorded = Readonly<Partial<Record<string, Omit<Found, "detail">>>>;

/** Puts each fault into the code, in processes of their own, and lets the simulation look for it. */
export async function tryPlants(
  numbers: readonly number[],
  bounds: Omit<TrialBounds, "known">,
  onTried: (tried: Tried) => void = () => undefined,
  recorded: Recorded = {},
): Promise<readonly Tried[]> {
  const waiting = [...numbers];
  const all: Tried[] = [];
  const work = async (): Promise<void> => {
    const child = fork(WORKER, { stdio: ["ignore", "inherit", "inherit", "ipc"] });
    try {
      await answerOf(child);
      for (let number = waiting.shift(); number !== undefined; number = waiting.shift()) {
        const plant = PLANTS[number] as Plant;
        const known = recorded[plant.name]?.seed;
        child.send({ number, bounds: { ...bounds, known } });
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

/** The middle one of them. */
export function medianOf(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[numbers.length >> 1] ?? Number.NaN;
}
